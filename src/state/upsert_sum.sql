INSERT INTO reeve_sums (table_name, sequence, sum) VALUES (?1, ?2, ?3)
ON CONFLICT (table_name) DO UPDATE SET sequence = excluded.sequence, sum = excluded.sum
