DELETE FROM reeve_jobs_done WHERE {ledger}true
