SELECT s.ledger, s.name, s.sealed, s.key_version, k.master, k.wrapped
FROM reeve_access_secrets s LEFT JOIN reeve_access_keys k ON k.version = s.key_version
WHERE s.key_version < ?1 AND (s.ledger, s.name) > (?3, ?4) ORDER BY s.ledger, s.name LIMIT ?2{for_update_s}
