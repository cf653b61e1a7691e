UPDATE reeve_heads SET fence = $1 WHERE ledger_id = $2 AND closed IS NULL
