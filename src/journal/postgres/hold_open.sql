-- Waited for by hold_closed.sql, and by nobody else.
SELECT pg_advisory_xact_lock_shared(hashtextextended('reeve.beside_journal ' || $1, 0))
