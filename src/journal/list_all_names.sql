SELECT scope, hash, confirmed, ends, version, holder FROM reeve_names
WHERE (?1 = '' OR scope = ?1) AND (?2 = '' OR hash = ?2) ORDER BY scope, hash
