SELECT kind, sequence, claims, coalesce(unique_key, '') FROM reeve_jobs
WHERE {ledger}state IN ('delayed', 'running') AND state = 'running' AND due <= ?1
ORDER BY kind, unique_key, sequence LIMIT 100{skip_locked}
