SELECT last_sequence, chain_hash, (SELECT max(epoch) FROM reeve_epochs)
FROM reeve_groups ORDER BY last_sequence DESC LIMIT 1
