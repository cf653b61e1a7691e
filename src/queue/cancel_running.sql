UPDATE reeve_jobs SET cancelled = 1 WHERE {ledger}kind = ?1 AND sequence = ?2 AND state = 'running' RETURNING cancelled
