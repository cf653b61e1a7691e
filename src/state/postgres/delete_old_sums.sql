DELETE FROM reeve_sums WHERE sequence <> $1 AND ledger_id = $2
