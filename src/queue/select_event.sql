SELECT time, payload FROM reeve_events WHERE {ledger}sequence = ?1
