INSERT INTO reeve_access_failures (kind, name, failures, last_failed) VALUES (?1, ?2, 0, ?3)
ON CONFLICT (kind, name) DO UPDATE SET failures = reeve_access_failures.failures
RETURNING failures, last_failed
