INSERT INTO reeve_live_values AS l (key, value, version, ends) VALUES (?1, ?2, {version}, ?3)
ON CONFLICT (key) DO UPDATE SET value = excluded.value, version = excluded.version, ends = excluded.ends
RETURNING version
