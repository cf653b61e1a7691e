SELECT sequence, chain_hash, (SELECT max(epoch) FROM reeve_epochs WHERE ledger_id = $1), closed
FROM reeve_heads WHERE ledger_id = $1
