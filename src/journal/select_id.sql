SELECT sequence FROM reeve_events WHERE id = ?1
