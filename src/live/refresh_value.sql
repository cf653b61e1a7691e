-- With ?3 = 0 whatever its version is.
UPDATE reeve_live_values SET ends = ?4
WHERE key = ?1 AND ends > CAST(?2 AS bigint) AND (CAST(?3 AS bigint) = 0 OR version = CAST(?3 AS bigint))
RETURNING version
