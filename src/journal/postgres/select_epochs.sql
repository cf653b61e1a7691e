SELECT epoch, first_sequence, level, sources_hash FROM reeve_epochs WHERE ledger_id = $1 ORDER BY epoch
