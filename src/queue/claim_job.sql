UPDATE reeve_jobs SET state = 'running', attempts = attempts + 1, claims = claims + 1, worker = ?3, started = ?4, due = ?5
WHERE {ledger}kind = ?1 AND sequence = ?2
RETURNING attempts, claims, enqueued, arguments, coalesce(unique_key, '')
