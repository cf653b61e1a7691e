DELETE FROM reeve_jobs_rates WHERE {ledger}true
