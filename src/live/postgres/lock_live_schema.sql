-- One makes the tables; who comes at the same time finds them.
SELECT pg_advisory_xact_lock(hashtextextended('reeve_live {schema}', 0))
