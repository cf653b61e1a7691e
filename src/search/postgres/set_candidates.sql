SELECT set_config('hnsw.ef_search', $1, true)
