UPDATE reeve_search SET documents = documents + ?2, words = words + ?3, next_serial = ?4 WHERE number = ?1
