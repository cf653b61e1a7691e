DELETE FROM reeve_names WHERE holder = ?1 AND NOT confirmed AND ends <= ?2 AND hash <> ?3
