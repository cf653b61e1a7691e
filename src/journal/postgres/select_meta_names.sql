SELECT name FROM reeve_meta WHERE ledger_id = $1 ORDER BY name
