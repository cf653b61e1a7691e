SELECT coalesce(sql, '') FROM sqlite_schema WHERE name = ?1 AND type = ?2
