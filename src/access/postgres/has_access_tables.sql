SELECT count(*) FROM pg_tables WHERE schemaname = 'reeve_access' AND tablename = 'reeve_access_format'
