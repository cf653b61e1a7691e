-- Who holds the migrator's lock of this schema.
SELECT a.pid, a.usename, a.application_name
FROM pg_locks l JOIN pg_stat_activity a USING (pid),
  (SELECT hashtextextended('reeve.migrate ' || current_schema(), 0) AS number) AS key
WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
  AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
  AND l.classid::bigint = ((key.number >> 32) & 4294967295) AND l.objid::bigint = (key.number & 4294967295)
LIMIT 1
