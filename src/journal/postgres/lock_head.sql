SELECT sequence, chain_hash, state_hash, fence, closed FROM reeve_heads WHERE ledger_id = $1 FOR UPDATE
