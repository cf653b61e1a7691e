INSERT INTO reeve_sources (content_hash, content) VALUES ($1, $2) ON CONFLICT DO NOTHING
