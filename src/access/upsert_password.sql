INSERT INTO reeve_access_passwords (subject, hash, changed) VALUES (?1, ?2, ?3)
ON CONFLICT (subject) DO UPDATE SET hash = excluded.hash, changed = excluded.changed
