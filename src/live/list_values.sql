SELECT key, value, version, ends FROM reeve_live_values
WHERE key >= ?1 AND key < ?2 AND key > ?3 AND ends > CAST(?4 AS bigint) ORDER BY key LIMIT CAST(?5 AS bigint)
