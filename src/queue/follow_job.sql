UPDATE reeve_jobs SET sequence = next_sequence, arguments = next_arguments,
  state = CASE WHEN waits_for IS NULL THEN 'ready' ELSE 'blocked' END, due = ?3, enqueued = ?3, attempts = 0, claims = 0,
  cancelled = 0, started = NULL, worker = '', error = '', next_sequence = NULL, next_arguments = NULL, due_moment = NULL
WHERE {ledger}kind = ?1 AND sequence = ?2
