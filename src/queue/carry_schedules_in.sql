INSERT INTO reeve_jobs_schedules ({ledger_column}kind, expression, next, last) VALUES ({ledger_value}?1, ?2, ?3, ?4)
