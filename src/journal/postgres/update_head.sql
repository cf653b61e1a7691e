UPDATE reeve_heads SET sequence = $1, chain_hash = $2, state_hash = $3 WHERE ledger_id = $4
