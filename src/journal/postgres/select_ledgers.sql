SELECT ledger_id, name, state, created FROM reeve_ledgers ORDER BY name
