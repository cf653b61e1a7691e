DELETE FROM reeve_access_keys WHERE purpose = 'secrets' AND version < ?1
AND NOT EXISTS (SELECT 1 FROM reeve_access_secrets s WHERE s.key_version = reeve_access_keys.version)
