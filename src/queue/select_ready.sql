SELECT priority, turn, sequence FROM reeve_jobs
WHERE {ledger}kind = ?1 AND state = 'ready' ORDER BY priority DESC, turn, sequence LIMIT ?2
