SELECT max(sequence) FROM reeve_events WHERE moment <= $1 AND ledger_id = $2
