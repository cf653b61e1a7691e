SELECT coalesce(max(version), 0) FROM reeve_access_keys
