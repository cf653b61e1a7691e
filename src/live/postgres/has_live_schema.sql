-- CREATE SCHEMA IF NOT EXISTS is refused to who may not make one, also when it is there.
SELECT count(*) FROM pg_namespace WHERE nspname = '{schema}'
