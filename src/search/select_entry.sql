SELECT entry FROM reeve_search_documents WHERE number = ?1 AND key = ?2
