INSERT INTO subject_keys (subject, key, created) VALUES (?1, ?2, ?3)
