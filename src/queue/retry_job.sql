UPDATE reeve_jobs SET state = CASE WHEN waits_for IS NULL THEN 'ready' ELSE 'blocked' END, attempts = 0, due = ?3, cancelled = 0
WHERE {ledger}kind = ?1 AND sequence = ?2 AND state IN ('dead', 'delayed', 'awaiting', 'published')
RETURNING state
