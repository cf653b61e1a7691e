DELETE FROM reeve_meta WHERE name = ?1
