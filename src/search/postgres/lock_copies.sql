SELECT pg_advisory_xact_lock(hashtextextended('reeve.vectors ' || current_schema(), 0))::text
