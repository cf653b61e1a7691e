-- Of reeve_events ($1 = 0), of all other tables (1) or of all (2).
SELECT ordinal, statement FROM reeve_postponed
WHERE $1::bigint = 2 OR (relation <> 'reeve_events') = ($1::bigint = 1)
ORDER BY ordinal
