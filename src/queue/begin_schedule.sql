INSERT INTO reeve_jobs_schedules ({ledger_column}kind, expression, next) VALUES ({ledger_value}?1, ?2, ?3)
ON CONFLICT ({ledger_column}kind) DO UPDATE SET expression = excluded.expression, next = excluded.next
WHERE reeve_jobs_schedules.expression <> excluded.expression
