SELECT value FROM history_meta WHERE name = ?1
