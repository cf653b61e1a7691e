SELECT priority, turn, sequence FROM reeve_jobs
WHERE {ledger}kind = ?1 AND state = 'ready'
  AND NOT EXISTS (SELECT 1 FROM reeve_jobs_paused p WHERE {ledger}p.kind IN (?1, '*'))
ORDER BY priority DESC, turn, sequence LIMIT ?2
