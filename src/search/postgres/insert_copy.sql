INSERT INTO reeve_search_copies (ledger_id, name, number, definition, sequence, chain_hash, rows)
VALUES ($1::uuid, $2, $3, $4, $5, $6, 0)
