UPDATE reeve_jobs SET state = 'ready', attempts = attempts - 1 WHERE {ledger}kind = ?1 AND sequence = ?2
