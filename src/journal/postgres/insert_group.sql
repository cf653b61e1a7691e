INSERT INTO reeve_groups (last_sequence, first_sequence, chain_hash, state_hash, chain, changesets, ledger_id)
VALUES ($1, $2, $3, $4, $5, $6, $7)
