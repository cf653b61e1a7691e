DROP TABLE IF EXISTS reeve_search_places_{0};
DROP TABLE IF EXISTS reeve_search_terms_{0};
