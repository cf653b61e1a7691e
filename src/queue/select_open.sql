SELECT attempts, enqueued, started, worker, cancelled, next_sequence, next_arguments, priority, turn, tier, state, claims
FROM reeve_jobs
WHERE {ledger}kind = ?1 AND sequence = ?2{for_update}
