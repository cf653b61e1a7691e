SELECT ledger_id, name, state, created, events FROM reeve_list_ledgers()
