UPDATE reeve_jobs SET state = CASE WHEN waits_for IS NULL THEN 'ready' ELSE 'blocked' END
WHERE {ledger}(kind, sequence) IN (
  SELECT kind, sequence FROM reeve_jobs
  WHERE {ledger}(state = 'delayed' OR state = 'published' OR state = 'running') AND state = 'delayed' AND due <= ?1 ORDER BY due LIMIT 1000{skip_locked})
