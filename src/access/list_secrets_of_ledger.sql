SELECT ledger, name, key_version, created, changed FROM reeve_access_secrets WHERE ledger = ?1 ORDER BY name
