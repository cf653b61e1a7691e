SELECT entry FROM reeve_search_documents
WHERE ledger_id = $1::uuid AND number = $2 AND key = ANY ($3::text[]) ORDER BY entry
