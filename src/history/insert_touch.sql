INSERT INTO history_touches (row, sequence, columns) VALUES (?1, ?2, ?3)
ON CONFLICT (row, sequence) DO UPDATE SET columns = columns | excluded.columns
