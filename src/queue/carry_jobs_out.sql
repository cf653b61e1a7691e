SELECT kind, sequence, state, priority, turn, due, tier, unique_key, waits_for, arguments, attempts, claims, cancelled, enqueued,
  started, worker, error, next_sequence, next_arguments, due_moment
FROM reeve_jobs WHERE {ledger}true ORDER BY kind, sequence
