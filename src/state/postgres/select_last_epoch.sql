SELECT max(epoch) FROM reeve_epochs WHERE ledger_id = $1
