INSERT INTO reeve_meta (name, value, ledger_id) VALUES ($1, $2, $3)
ON CONFLICT (ledger_id, name) DO UPDATE SET value = excluded.value
