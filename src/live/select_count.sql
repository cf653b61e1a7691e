SELECT count, ends FROM reeve_live_counts WHERE key = ?1
