SELECT version, master, wrapped FROM reeve_access_keys WHERE purpose = ?1 AND version = ?2
