INSERT INTO reeve_epoch_files (sources_hash, path, content_hash) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING
