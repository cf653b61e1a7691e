DROP TABLE IF EXISTS reeve_vectors_{0}
