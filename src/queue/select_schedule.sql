SELECT expression, next FROM reeve_jobs_schedules WHERE {ledger}kind = ?1
