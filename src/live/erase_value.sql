-- With ?3 = 0 whatever its version is.
DELETE FROM reeve_live_values
WHERE key = ?1 AND ends > CAST(?2 AS bigint) AND (CAST(?3 AS bigint) = 0 OR version = CAST(?3 AS bigint))
RETURNING version
