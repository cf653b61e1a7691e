DELETE FROM reeve_ledgers WHERE ledger_id = $1
