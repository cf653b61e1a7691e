SELECT count(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relname = 'reeve_search_copies'
