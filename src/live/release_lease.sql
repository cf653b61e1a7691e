UPDATE reeve_live_leases SET ends = 0
WHERE name = ?1 AND owner = ?2 AND generation = ?3 AND ends > CAST(?4 AS bigint)
RETURNING generation
