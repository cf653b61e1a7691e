SELECT hash, ledgers, verbs, expires, revoked, last_used FROM reeve_access_tokens WHERE id = ?1
