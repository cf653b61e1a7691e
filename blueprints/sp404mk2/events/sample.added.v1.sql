-- expect 1: no user :user_id
UPDATE users SET used_bytes = used_bytes + :file_size_bytes WHERE user_id = :user_id;
INSERT INTO samples (sample_id, user_id, title, file_path, content_hash, file_size_bytes, duration_ms, sample_rate,
  bit_depth, channels, bpm, bpm_rounded, bpm_confidence, musical_key, key_confidence, genre, genre_confidence, created_at)
VALUES (:sample_id, :user_id, :title, :file_path, :content_hash, :file_size_bytes, :duration_ms, :sample_rate,
  :bit_depth, COALESCE(:channels, 2), :bpm, CAST(:bpm AS integer), :bpm_confidence, :musical_key, :key_confidence, :genre, :genre_confidence, :at);
INSERT INTO sample_sources (sample_id, source_type, url, artist, album, licence, original_name, batch_id)
VALUES (:sample_id, COALESCE(:source_type, 'upload'), :url, :artist, :album, :licence, :original_name, :batch_id);
UPDATE batches SET added = added + 1 WHERE batch_id = :batch_id;
