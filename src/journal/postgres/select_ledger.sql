SELECT ledger_id, state FROM reeve_find_ledger($1)
