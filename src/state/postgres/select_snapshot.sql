SELECT (SELECT max(epoch) FROM reeve_epochs WHERE ledger_id = $1),
       (SELECT sequence FROM reeve_heads WHERE ledger_id = $1),
       (SELECT closed FROM reeve_heads WHERE ledger_id = $1)
