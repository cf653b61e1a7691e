SELECT s.ledger, s.name, s.sealed, k.version, k.master, k.wrapped
FROM reeve_access_secrets s JOIN reeve_access_keys k ON k.version = s.key_version
WHERE s.key_version < ?1 ORDER BY s.ledger, s.name LIMIT ?2{for_update_s}
