SELECT last_sequence, first_sequence, chain_hash, state_hash, chain, changesets
FROM reeve_groups WHERE last_sequence >= $1 AND ledger_id = $2 ORDER BY last_sequence LIMIT 1
