INSERT INTO reeve_access_keys (version, purpose, master, wrapped, created) VALUES (?1, ?2, ?3, ?4, ?5)
