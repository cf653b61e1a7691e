SELECT table_name, sequence, sum FROM reeve_sums WHERE ledger_id = $1
