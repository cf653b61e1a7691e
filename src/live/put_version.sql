UPDATE reeve_live_values SET value = ?2, version = {version}, ends = ?3
WHERE key = ?1 AND ends > CAST(?4 AS bigint) AND version = CAST(?5 AS bigint)
RETURNING version
