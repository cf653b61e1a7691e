-- Of index {0}, with the columns {1}. Lengths of columns are not kept: an entry's number says how long it is.
CREATE VIRTUAL TABLE reeve_search_terms_{0} USING fts5({1}, tokenize = 'ascii', columnsize = 0);
CREATE VIRTUAL TABLE reeve_search_places_{0} USING fts5vocab(reeve_search_terms_{0}, instance);
