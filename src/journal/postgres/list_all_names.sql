SELECT scope, hash, confirmed, ends, version, holder FROM reeve_names
WHERE ($1::text = '' OR scope = $1) AND ($2::text = '' OR hash = $2) ORDER BY scope, hash
