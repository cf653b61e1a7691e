INSERT INTO reeve_live_counts AS c (key, count, ends) VALUES (?1, CAST(?2 AS bigint), CAST(?3 AS bigint))
ON CONFLICT (key) DO UPDATE
SET count = CASE WHEN c.ends <= CAST(?4 AS bigint) THEN excluded.count ELSE c.count + excluded.count END,
  ends = CASE WHEN c.ends <= CAST(?4 AS bigint) THEN excluded.ends ELSE c.ends END
RETURNING count, ends
