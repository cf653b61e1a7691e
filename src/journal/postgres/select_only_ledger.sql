SELECT ledger_id, state FROM reeve_only_ledger()
