INSERT INTO reeve_ledgers (ledger_id, name, state, created) VALUES ($1, $2, $3, $4)
