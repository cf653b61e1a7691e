DELETE FROM reeve_search WHERE number = ?1
