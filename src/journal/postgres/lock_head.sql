SELECT sequence, chain_hash, state_hash, fence FROM reeve_heads WHERE ledger_id = $1 FOR UPDATE
