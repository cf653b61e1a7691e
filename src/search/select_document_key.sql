SELECT key FROM reeve_search_documents WHERE number = ?1 AND entry = ?2
