-- The last batch behind a sequence.
SELECT sequence, type, payload FROM reeve_events
WHERE sequence > ?1 AND type = 'reeve.rows_backfilled' ORDER BY sequence DESC LIMIT 1
