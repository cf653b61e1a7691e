SELECT finished, kind, sequence, outcome, attempts, enqueued, started, worker, result
FROM reeve_jobs_done WHERE {ledger}true ORDER BY finished, kind, sequence
