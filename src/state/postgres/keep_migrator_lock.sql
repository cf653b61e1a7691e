-- Held by the session already, unless its connection was lost and opened anew.
SELECT pg_try_advisory_xact_lock(hashtextextended('reeve.migrate ' || current_schema(), 0))
