SELECT number, name, definition, sequence, chain_hash, documents, words, next_serial FROM reeve_search ORDER BY number
