INSERT INTO reeve_layouts (sources_hash, level, layout) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING
