-- The key alone finds it: an index of running jobs would be read through for each.
SELECT attempts, enqueued, started, worker, cancelled, next_sequence, next_arguments, priority, turn, tier, state, claims
FROM reeve_jobs
WHERE {ledger}kind = ?1 AND sequence = ?2 AND claims = ?3 AND coalesce(state, '') IN ('running', 'published'){for_update}
