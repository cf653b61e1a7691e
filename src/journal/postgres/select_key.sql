SELECT sequence, span, request_hash FROM reeve_events WHERE key = $1 AND ledger_id = $2
