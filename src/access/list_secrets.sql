SELECT ledger, name, key_version, created, changed FROM reeve_access_secrets ORDER BY ledger, name
