DELETE FROM reeve_meta WHERE name = $1 AND ledger_id = $2
