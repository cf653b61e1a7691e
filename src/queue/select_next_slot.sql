SELECT min(next) FROM reeve_jobs_schedules WHERE {ledger}true
