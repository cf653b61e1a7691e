DELETE FROM reeve_search_documents WHERE number = ?1
