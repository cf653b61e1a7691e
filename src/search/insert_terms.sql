INSERT INTO reeve_search_terms_{0} (rowid, {1}) VALUES ({2})
