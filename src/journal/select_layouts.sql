SELECT sources_hash, level, layout FROM reeve_layouts ORDER BY sources_hash, level
