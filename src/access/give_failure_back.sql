UPDATE reeve_access_failures SET failures = failures - 1 WHERE kind = ?1 AND name = ?2 AND failures > 0
