UPDATE reeve_jobs_rates SET next = ?2 WHERE {ledger}kind = ?1
