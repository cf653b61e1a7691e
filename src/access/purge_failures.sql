DELETE FROM reeve_access_failures WHERE (kind, name) IN (
  SELECT kind, name FROM reeve_access_failures WHERE last_failed < ?1 ORDER BY last_failed LIMIT 1000{skip_locked})
