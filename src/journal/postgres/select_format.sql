SELECT format, blueprint, level, sources_hash FROM reeve_format
