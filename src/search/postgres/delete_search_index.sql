DELETE FROM reeve_search WHERE ledger_id = $1::uuid AND number = $2
