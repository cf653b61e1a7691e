INSERT INTO reeve_epochs (epoch, first_sequence, level, sources_hash, ledger_id) VALUES ($1, $2, $3, $4, $5)
