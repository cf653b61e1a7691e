UPDATE reeve_format SET level = $1, sources_hash = $2
