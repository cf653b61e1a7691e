SELECT kind, since FROM reeve_jobs_paused WHERE {ledger}true ORDER BY kind
