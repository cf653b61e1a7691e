-- Who had it under an older generation has it no more; whose the new one is will be known when they acquire it.
INSERT INTO reeve_live_leases AS l (name, generation, owner, ends, duration) VALUES (?1, ?2, ?3, 0, 0)
ON CONFLICT (name) DO UPDATE SET generation = excluded.generation, owner = excluded.owner, ends = 0, duration = 0
WHERE l.generation < excluded.generation
