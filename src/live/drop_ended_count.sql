DELETE FROM reeve_live_counts WHERE key = ?1 AND ends <= CAST(?2 AS bigint)
