UPDATE reeve_jobs SET sequence = next_sequence, arguments = next_arguments, state = ?3, due = ?4, due_moment = ?5, enqueued = ?6,
  attempts = 0, claims = 0, cancelled = 0, started = NULL, worker = '', error = '', next_sequence = NULL, next_arguments = NULL
WHERE {ledger}kind = ?1 AND sequence = ?2
