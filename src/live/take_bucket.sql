-- ?1 the key, ?2 now, ?3 what the tokens are worth in time, ?4 what a whole bucket is. When the tokens are not there, no row. The
-- commit waits for no disk: RETURNING is worked out where there is something to commit.
INSERT INTO reeve_live_buckets AS b (key, ends) VALUES (?1, CAST(?2 AS bigint) + CAST(?3 AS bigint))
ON CONFLICT (key) DO UPDATE
SET ends = {greatest}({least}(b.ends, CAST(?2 AS bigint) + CAST(?4 AS bigint)), CAST(?2 AS bigint)) + CAST(?3 AS bigint)
WHERE {greatest}({least}(b.ends, CAST(?2 AS bigint) + CAST(?4 AS bigint)), CAST(?2 AS bigint)) + CAST(?3 AS bigint)
  <= CAST(?2 AS bigint) + CAST(?4 AS bigint)
RETURNING ends{unsynced}
