SELECT doc, col, offset FROM reeve_search_places_{0} WHERE term = ?1
