-- The clock went back: the bucket is empty now, and not emptier than that.
UPDATE reeve_live_buckets SET ends = ?2 WHERE key = ?1 AND ends > ?2
