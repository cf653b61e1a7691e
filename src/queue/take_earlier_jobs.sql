-- The jobs that were put aside, into the table that took their place and has the same columns.

INSERT INTO reeve_jobs SELECT * FROM reeve_jobs_earlier;

DROP TABLE reeve_jobs_earlier;
