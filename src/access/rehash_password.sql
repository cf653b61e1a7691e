UPDATE reeve_access_passwords SET hash = ?3 WHERE subject = ?1 AND hash = ?2
