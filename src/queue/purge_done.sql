-- At most ?3 at once, so that nobody waits for long after a worker was away for weeks.
DELETE FROM reeve_jobs_done WHERE {ledger}(finished, kind, sequence) IN (
  SELECT finished, kind, sequence FROM reeve_jobs_done WHERE {ledger}finished < ?1 AND kind = ?2 ORDER BY finished LIMIT ?3)
