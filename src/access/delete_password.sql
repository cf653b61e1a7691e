DELETE FROM reeve_access_passwords WHERE subject = ?1
