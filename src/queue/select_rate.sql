SELECT next FROM reeve_jobs_rates WHERE {ledger}kind = ?1
