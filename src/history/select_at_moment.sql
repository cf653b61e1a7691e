SELECT max(sequence) FROM reeve_events WHERE moment <= ?1 AND typeof(moment) = typeof(?1)
