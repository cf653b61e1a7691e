SELECT sequence FROM reeve_events WHERE time <= ?1 ORDER BY sequence DESC LIMIT 1
