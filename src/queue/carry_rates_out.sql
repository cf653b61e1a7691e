SELECT kind, next FROM reeve_jobs_rates WHERE {ledger}true ORDER BY kind
