SELECT key, entry FROM reeve_search_documents WHERE number = ?1 ORDER BY entry
