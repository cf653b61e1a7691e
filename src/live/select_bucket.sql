SELECT ends FROM reeve_live_buckets WHERE key = ?1
