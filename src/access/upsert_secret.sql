INSERT INTO reeve_access_secrets (ledger, name, key_version, sealed, created, changed) VALUES (?1, ?2, ?3, ?4, ?5, ?5)
ON CONFLICT (ledger, name) DO UPDATE SET key_version = excluded.key_version, sealed = excluded.sealed, changed = excluded.changed
