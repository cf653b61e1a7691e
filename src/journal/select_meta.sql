SELECT value FROM reeve_meta WHERE name = ?1
