UPDATE reeve_access_secrets SET key_version = ?3, sealed = ?4 WHERE ledger = ?1 AND name = ?2
