SELECT (SELECT max(epoch) FROM reeve_epochs), (SELECT max(last_sequence) FROM reeve_groups)
