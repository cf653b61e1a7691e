-- The name stays taken; what it named can't be told from it.
UPDATE reeve_ledgers SET ledger_id = gen_random_uuid(), state = 'erased', created = NULL WHERE ledger_id = $1
