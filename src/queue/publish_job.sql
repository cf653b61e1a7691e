UPDATE reeve_jobs SET state = 'published', due = ?3, error = ?4
WHERE {ledger}kind = ?1 AND sequence = ?2
