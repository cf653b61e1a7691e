DELETE FROM reeve_jobs_schedules WHERE {ledger}(?1 = '*' OR kind = ?1)
