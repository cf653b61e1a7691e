INSERT INTO reeve_jobs ({ledger_column}kind, sequence, state, priority, turn, due, tier, unique_key, waits_for, arguments, attempts,
  claims, cancelled, enqueued, started, worker, error, next_sequence, next_arguments, due_moment)
VALUES ({ledger_value}?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)
