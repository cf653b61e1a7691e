-- What has ended (?4: now) is as good as absent.
INSERT INTO reeve_live_values AS l (key, value, version, ends) VALUES (?1, ?2, {version}, ?3)
ON CONFLICT (key) DO UPDATE SET value = excluded.value, version = excluded.version, ends = excluded.ends
WHERE l.ends <= CAST(?4 AS bigint)
RETURNING version
