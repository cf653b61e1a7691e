SELECT scope, hash, confirmed, ends, version FROM reeve_list_names($1)
