DELETE FROM reeve_live_buckets
WHERE key IN (SELECT key FROM reeve_live_buckets WHERE ends <= CAST(?1 AS bigint) ORDER BY ends LIMIT CAST(?2 AS bigint){skip_locked})
  AND ends <= CAST(?1 AS bigint)
