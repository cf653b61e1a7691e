SELECT s.sealed, k.version, k.master, k.wrapped FROM reeve_access_secrets s JOIN reeve_access_keys k ON k.version = s.key_version
WHERE s.ledger = ?1 AND s.name = ?2
