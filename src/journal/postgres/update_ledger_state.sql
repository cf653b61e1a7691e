UPDATE reeve_ledgers SET state = $2 WHERE ledger_id = $1
