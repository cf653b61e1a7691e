-- The schema of pgvector where the database has it with HNSW (0.5.0 and newer), and the next number of a copy.
SELECT n.nspname, (SELECT coalesce(max(substring(c.relname FROM '^reeve_vectors_([0-9]+)$')::bigint), 0) + 1
                   FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace)
FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
WHERE e.extname = 'vector' AND EXISTS (SELECT FROM pg_am WHERE amname = 'hnsw')
