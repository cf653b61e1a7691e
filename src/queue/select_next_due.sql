SELECT due FROM reeve_jobs WHERE {ledger}state IN ('delayed', 'published', 'running') AND state = ?1 ORDER BY due LIMIT 1
