SELECT version, purpose, master, wrapped FROM reeve_access_keys WHERE master <> ?1 ORDER BY version{for_update}
