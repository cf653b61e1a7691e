INSERT INTO reeve_access_tokens (id, hash, label, ledgers, verbs, created, expires) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
