INSERT INTO reeve_jobs_paused ({ledger_column}kind, since) VALUES ({ledger_value}?1, ?2)
ON CONFLICT ({ledger_column}kind) DO NOTHING
