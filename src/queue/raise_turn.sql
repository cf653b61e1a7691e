INSERT INTO reeve_jobs_turns ({ledger_column}priority, tier, turn) VALUES ({ledger_value}?1, ?2, ?3)
ON CONFLICT ({ledger_column}priority, tier) DO UPDATE SET turn = excluded.turn WHERE reeve_jobs_turns.turn < excluded.turn
