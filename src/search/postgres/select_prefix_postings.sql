SELECT entry, places FROM reeve_search_postings
WHERE ledger_id = $1::uuid AND number = $2 AND term >= $3 AND term < $4
