SELECT failures, last_failed FROM reeve_access_failures WHERE kind = ?1 AND name = ?2
