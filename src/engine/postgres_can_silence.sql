-- 1, or 0 in a schema of an earlier version, whose reeve_capture() heeds no transaction's id.
SELECT count(*) FROM pg_proc
WHERE oid = to_regproc('reeve_capture') AND prosrc LIKE '%pg_current_xact_id_if_assigned%'
