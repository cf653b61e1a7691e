SELECT sequence FROM history_touches WHERE row = ?1 AND sequence <= ?2 AND columns & ?3 <> 0 ORDER BY sequence DESC
