INSERT INTO reeve_jobs ({ledger_column}kind, sequence, state, priority, turn, due, tier, unique_key, waits_for, arguments, enqueued,
  due_moment)
VALUES ({ledger_value}?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
ON CONFLICT ({ledger_column}kind, unique_key) WHERE unique_key IS NOT NULL AND state <> 'dead'
DO UPDATE SET next_sequence = excluded.sequence, next_arguments = excluded.arguments
WHERE reeve_jobs.state IN ('running', 'published') AND reeve_jobs.next_sequence IS NULL
