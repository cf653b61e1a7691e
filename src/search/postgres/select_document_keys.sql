SELECT entry, key FROM reeve_search_documents
WHERE ledger_id = $1::uuid AND number = $2 AND entry = ANY ($3::bigint[])
