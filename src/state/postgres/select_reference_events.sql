SELECT sequence, reeve_time_text(time), type, payload FROM reeve_events
WHERE ledger_id = $1 AND type IN ('reeve.reference_published', 'reeve.reference_pinned') ORDER BY sequence
