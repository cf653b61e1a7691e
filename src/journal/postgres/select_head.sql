SELECT sequence, chain_hash, state_hash FROM reeve_heads WHERE ledger_id = $1
