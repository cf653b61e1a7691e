INSERT INTO reeve_format (format, blueprint, level, sources_hash) VALUES ($1, $2, $3, $4)
