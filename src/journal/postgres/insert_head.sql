INSERT INTO reeve_heads (sequence, chain_hash, state_hash, ledger_id) VALUES ($1, $2, $3, $4)
