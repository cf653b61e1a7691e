UPDATE reeve_search_copies SET definition = '' WHERE ledger_id = $1::uuid AND number = $2
