-- Sessions that hold locks on tables of this schema.
SELECT DISTINCT a.pid, a.usename, a.application_name
FROM pg_locks l JOIN pg_stat_activity a USING (pid) JOIN pg_class c ON c.oid = l.relation
WHERE l.locktype = 'relation' AND l.granted AND l.pid <> pg_backend_pid()
  AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
  AND c.relnamespace = current_schema()::regnamespace
ORDER BY a.pid
LIMIT 5
