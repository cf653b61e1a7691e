SELECT last_sequence, chain_hash, state_hash FROM reeve_groups ORDER BY last_sequence DESC LIMIT 1
