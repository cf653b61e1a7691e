INSERT INTO reeve_sums (table_name, sequence, sum, ledger_id) VALUES ($1, $2, $3, $4)
ON CONFLICT (ledger_id, table_name) DO UPDATE SET sequence = excluded.sequence, sum = excluded.sum
