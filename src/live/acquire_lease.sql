-- ?1 name, ?2 owner, ?3 the generation asked for or 0, ?4 now, ?5 its end, ?6 how long it lasts. No row when it is refused.
INSERT INTO reeve_live_leases AS l (name, generation, owner, ends, duration)
VALUES (?1, CASE WHEN CAST(?3 AS bigint) = 0 THEN 1 ELSE CAST(?3 AS bigint) END, ?2, CAST(?5 AS bigint), CAST(?6 AS bigint))
ON CONFLICT (name) DO UPDATE
SET generation = CASE WHEN CAST(?3 AS bigint) = 0 THEN l.generation + 1 ELSE CAST(?3 AS bigint) END,
  owner = excluded.owner, ends = excluded.ends, duration = excluded.duration
WHERE CASE WHEN CAST(?3 AS bigint) = 0 THEN l.ends <= CAST(?4 AS bigint) OR l.owner = excluded.owner
  ELSE CAST(?3 AS bigint) > l.generation
    OR (CAST(?3 AS bigint) = l.generation AND (l.owner = excluded.owner OR length(l.owner) = 0)) END
RETURNING generation
