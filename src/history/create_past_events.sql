CREATE TEMP VIEW reeve_events AS SELECT * FROM ledger.reeve_events WHERE sequence <= {}
