SELECT id, label, ledgers, verbs, created, expires, revoked, last_used FROM reeve_access_tokens ORDER BY id
