UPDATE reeve_jobs SET due = ?4
WHERE {ledger}kind = ?1 AND sequence = ?2 AND claims = ?3 AND state = 'running'
RETURNING cancelled
