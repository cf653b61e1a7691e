SELECT attempts, enqueued, started, worker, cancelled, next_sequence, next_arguments, priority, turn, tier, state
FROM reeve_jobs
WHERE {ledger}kind = ?1 AND sequence = ?2 AND claims > 0{for_update}
