UPDATE reeve_search_copies SET sequence = $3, chain_hash = $4 WHERE ledger_id = $1::uuid AND number = $2
