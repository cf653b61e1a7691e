UPDATE reeve_search SET sequence = $2, chain_hash = $3 WHERE ledger_id = $1::uuid
