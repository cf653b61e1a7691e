DELETE FROM reeve_search_terms_{0} WHERE rowid = ?1
