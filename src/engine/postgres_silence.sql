-- For the rest of the transaction reeve_capture() captures what changes (1), or nothing (0; postgres_capture.sql).
SELECT set_config('reeve.capture', CASE WHEN $1::bigint = 1 THEN 'on' ELSE pg_current_xact_id()::text END, true)
