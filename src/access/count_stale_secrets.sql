SELECT count(*) FROM reeve_access_secrets WHERE key_version < ?1
