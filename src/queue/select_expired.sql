SELECT kind, sequence, claims, coalesce(unique_key, '') FROM reeve_jobs
WHERE {ledger}(state = 'delayed' OR state = 'published' OR state = 'running') AND state = ?2 AND due <= ?1
ORDER BY kind, unique_key, sequence LIMIT 100{skip_locked}
