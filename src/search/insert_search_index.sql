INSERT INTO reeve_search (number, name, definition, sequence, chain_hash, documents, words, next_serial)
VALUES (?1, ?2, ?3, 0, '', 0, 0, 1)
