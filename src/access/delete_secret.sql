DELETE FROM reeve_access_secrets WHERE ledger = ?1 AND name = ?2
