SELECT scope, hash, confirmed, ends, version FROM reeve_names
WHERE holder = ?2 AND (?1 = '' OR scope = ?1) ORDER BY scope, hash
