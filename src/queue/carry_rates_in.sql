INSERT INTO reeve_jobs_rates ({ledger_column}kind, next) VALUES ({ledger_value}?1, ?2)
