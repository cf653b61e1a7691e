SELECT kind, sequence, state, priority, due, tier, coalesce(unique_key, ''), coalesce(waits_for, ''), attempts, claims, cancelled,
  enqueued, started, worker, error, arguments
FROM reeve_jobs
WHERE {ledger}(?1 = '' OR kind = ?1) AND (?2 = '' OR state = ?2) AND (?3 = 0 OR sequence = ?3)
ORDER BY sequence, kind LIMIT ?4
