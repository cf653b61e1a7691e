INSERT INTO reeve_jobs_rates ({ledger_column}kind, next) VALUES ({ledger_value}?1, ?3)
ON CONFLICT ({ledger_column}kind) DO UPDATE SET next = excluded.next WHERE reeve_jobs_rates.next <= ?2
RETURNING next
