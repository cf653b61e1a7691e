-- Until the transaction ends, or set_candidates_back.sql: a plan that reads and sorts all vectors is never wanted.
SELECT set_config('hnsw.ef_search', $1, true), set_config('enable_sort', 'off', true)
