SELECT key, entry FROM reeve_search_documents WHERE ledger_id = $1::uuid AND number = $2 ORDER BY entry
