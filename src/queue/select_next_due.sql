SELECT due FROM reeve_jobs WHERE {ledger}(state = 'delayed' OR state = 'published' OR state = 'running') AND state = ?1 ORDER BY due LIMIT 1
