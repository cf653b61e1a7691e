-- Waits for all who hold it open (hold_open.sql); who comes later waits for the transaction's end.
SELECT pg_advisory_xact_lock(hashtextextended('reeve.beside_journal ' || current_schema() || ' ' || $1, 0))
