SELECT kind, sequence, outcome, attempts, enqueued, started, finished, worker, result
FROM reeve_jobs_done
WHERE {ledger}(?1 = '' OR kind = ?1) AND (?2 = 0 OR sequence = ?2) AND (?3 = '' OR outcome = ?3)
ORDER BY finished DESC, kind, sequence LIMIT ?4
