UPDATE reeve_access_tokens SET revoked = ?2 WHERE id = ?1 AND revoked IS NULL
