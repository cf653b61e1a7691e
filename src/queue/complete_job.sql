DELETE FROM reeve_jobs
WHERE {ledger}kind = ?1 AND sequence = ?2 AND claims = ?3 AND state = 'running' AND next_sequence IS NULL
RETURNING attempts, enqueued, started, worker
