SELECT sequence FROM reeve_events WHERE id = $1 AND ledger_id = $2
