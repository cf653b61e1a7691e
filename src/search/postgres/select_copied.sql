SELECT key, embedding::text FROM reeve_vectors_{0} WHERE ledger_id = $1::uuid
