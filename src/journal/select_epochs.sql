SELECT epoch, first_sequence, level, sources_hash FROM reeve_epochs ORDER BY epoch
