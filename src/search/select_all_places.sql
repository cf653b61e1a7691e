SELECT doc, col, offset, term FROM reeve_search_places_{0}
