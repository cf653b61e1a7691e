-- Copies that were those of the event before stay so: no vector changed.
UPDATE reeve_search_copies SET sequence = $2, chain_hash = $3 WHERE ledger_id = $1::uuid AND chain_hash = $4
