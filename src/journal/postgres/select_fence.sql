SELECT fence, closed FROM reeve_heads WHERE ledger_id = $1
