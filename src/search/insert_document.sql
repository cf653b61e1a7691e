INSERT OR REPLACE INTO reeve_search_documents (number, key, entry) VALUES (?1, ?2, ?3)
