DELETE FROM reeve_search_copies WHERE ledger_id = $1::uuid AND number = $2
