SELECT last_sequence, first_sequence, chain FROM reeve_groups WHERE last_sequence >= $1 AND ledger_id = $3
ORDER BY last_sequence LIMIT $2
