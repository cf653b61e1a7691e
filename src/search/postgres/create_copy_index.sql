CREATE INDEX CONCURRENTLY ON reeve_vectors_{0} USING hnsw (embedding {1}.{2}) WITH (m = 16, ef_construction = 128)
