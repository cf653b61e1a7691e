UPDATE reeve_access_keys SET master = ?2, wrapped = ?3 WHERE version = ?1
