-- Waited for by hold_closed.sql, and by nobody else.
SELECT pg_advisory_xact_lock_shared(hashtextextended('reeve.beside_journal ' || current_schema() || ' ' || $1, 0))
