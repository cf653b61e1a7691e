SELECT sequence, time, type, payload FROM reeve_events
WHERE type IN ('reeve.reference_published', 'reeve.reference_pinned') ORDER BY sequence
