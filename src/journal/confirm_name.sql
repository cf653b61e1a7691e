UPDATE reeve_names SET confirmed = 1, ends = NULL, version = ?2 WHERE hash = ?1 AND holder = ?3 RETURNING 1
