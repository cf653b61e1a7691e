SELECT next_serial FROM reeve_search WHERE number = ?1
