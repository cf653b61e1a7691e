DELETE FROM reeve_jobs_schedules WHERE {ledger}true
