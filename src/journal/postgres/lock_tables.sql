SELECT pg_advisory_xact_lock(hashtextextended('reeve.tables', 0))::text
