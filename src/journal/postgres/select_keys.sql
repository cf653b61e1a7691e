SELECT key, sequence, span, request_hash FROM reeve_events WHERE key = ANY ($1::text[]) AND ledger_id = $2
