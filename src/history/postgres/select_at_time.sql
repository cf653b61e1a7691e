SELECT sequence FROM reeve_events WHERE time <= $1 AND ledger_id = $2 ORDER BY sequence DESC LIMIT 1
