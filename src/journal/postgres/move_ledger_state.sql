UPDATE reeve_ledgers SET state = $3 WHERE ledger_id = $1 AND state = $2
