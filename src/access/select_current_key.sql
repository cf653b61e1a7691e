SELECT version, master, wrapped FROM reeve_access_keys WHERE purpose = ?1 ORDER BY version DESC LIMIT 1
