INSERT INTO reeve_jobs_done ({ledger_column}finished, kind, sequence, outcome, attempts, enqueued, started, worker, result)
VALUES ({ledger_value}?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
