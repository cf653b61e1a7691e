UPDATE reeve_access_failures SET failures = ?3, last_failed = ?4 WHERE kind = ?1 AND name = ?2
