DELETE FROM reeve_names WHERE hash = ?1 RETURNING 1
