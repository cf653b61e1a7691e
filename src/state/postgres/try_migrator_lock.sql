SELECT pg_try_advisory_lock(hashtextextended('reeve.migrate ' || current_schema(), 0))
