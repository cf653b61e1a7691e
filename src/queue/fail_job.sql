UPDATE reeve_jobs SET state = ?3, due = ?4, error = ?5, next_sequence = CASE WHEN ?3 = 'dead' THEN NULL ELSE next_sequence END,
  next_arguments = CASE WHEN ?3 = 'dead' THEN NULL ELSE next_arguments END
WHERE {ledger}kind = ?1 AND sequence = ?2
