DELETE FROM reeve_live_values WHERE key = ?1 AND ends <= CAST(?2 AS bigint)
