SELECT max(last_sequence) FROM reeve_groups WHERE last_sequence <= ?1
