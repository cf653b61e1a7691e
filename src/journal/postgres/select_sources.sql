SELECT f.path, f.content_hash, s.content FROM reeve_epoch_files f LEFT JOIN reeve_sources s USING (content_hash)
WHERE f.sources_hash = $1 ORDER BY f.path
