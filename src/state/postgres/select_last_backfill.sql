-- The last batch behind a sequence.
SELECT sequence, type, payload FROM reeve_events
WHERE ledger_id = $1 AND sequence > $2 AND type = 'reeve.rows_backfilled' ORDER BY sequence DESC LIMIT 1
