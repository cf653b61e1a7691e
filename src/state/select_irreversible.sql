SELECT sequence, type FROM reeve_events
WHERE sequence BETWEEN ?1 AND ?2 AND type IN ('reeve.reference_pinned', 'reeve.rows_backfilled')
ORDER BY sequence DESC LIMIT 1
