SELECT id, sequence FROM reeve_events WHERE id = ANY ($1::text[]::uuid[]) AND ledger_id = $2
