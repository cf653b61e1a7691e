SELECT entry, places, term FROM reeve_search_postings WHERE ledger_id = $1::uuid AND number = $2
