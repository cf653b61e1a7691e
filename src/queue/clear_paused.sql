DELETE FROM reeve_jobs_paused WHERE {ledger}true
