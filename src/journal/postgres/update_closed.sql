UPDATE reeve_heads SET closed = $1 WHERE ledger_id = $2
