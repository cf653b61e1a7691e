-- One runner of a schema's folder at a time, until its transaction ends.
SELECT pg_advisory_xact_lock(hashtextextended('reeve_migrations ' || current_schema(), 0))::text
