SELECT number, name, definition, sequence, chain_hash, documents, words FROM reeve_search
WHERE ledger_id = $1::uuid ORDER BY number
