UPDATE reeve_jobs SET state = CASE WHEN waits_for IS NULL THEN 'ready' ELSE 'blocked' END
WHERE {ledger}(kind, sequence) IN (
  SELECT kind, sequence FROM reeve_jobs
  WHERE {ledger}state = 'awaiting' AND due_moment <= ?1 ORDER BY due_moment LIMIT 1000{skip_locked})
