DELETE FROM reeve_names WHERE hash = ?1 AND holder = ?3 AND (?2 = '' OR version = ?2) RETURNING 1
