INSERT INTO reeve_search (number, name, definition, sequence, chain_hash, documents, words, next_serial, ledger_id)
VALUES ($2, $3, $4, 0, '', 0, 0, 1, $1::uuid)
