SELECT count(*) = 2 FROM sqlite_schema WHERE type = 'table' AND name IN ('reeve_search', 'reeve_search_documents')
