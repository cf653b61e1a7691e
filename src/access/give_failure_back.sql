UPDATE reeve_access_failures SET failures = failures - 1, last_failed = CASE WHEN last_failed = ?3 THEN ?4 ELSE last_failed END
WHERE kind = ?1 AND name = ?2 AND failures > 0
