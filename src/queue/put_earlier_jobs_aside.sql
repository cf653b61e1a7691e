-- Makes room for jobs_table.sql.

DROP INDEX reeve_jobs_ready;

DROP INDEX reeve_jobs_due;

DROP INDEX reeve_jobs_open_key;

DROP INDEX reeve_jobs_dead_key;

DROP INDEX reeve_jobs_blocked;

DROP INDEX reeve_jobs_awaiting;

ALTER TABLE reeve_jobs RENAME TO reeve_jobs_earlier;
