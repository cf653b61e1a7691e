-- Takes a file of an import into the library. The same file again adds nothing: the same path with the same content
-- or, where none is known, the same size; or the same content at another path. Path and content are asked for apart: of an OR
-- of both SQLite reads all samples of the user.
-- check: no user :user_id
SELECT EXISTS (SELECT 1 FROM users WHERE user_id = :user_id);

-- check: the user :user_id is not active
SELECT EXISTS (SELECT 1 FROM users WHERE user_id = :user_id AND is_active);

-- check: no import :batch_id of this user is open
SELECT EXISTS (SELECT 1 FROM batches WHERE batch_id = :batch_id AND user_id = :user_id AND ended_at IS NULL);

-- check: the user has another file of this path already: :file_path
SELECT NOT EXISTS (SELECT 1 FROM samples
  WHERE user_id = :user_id AND file_path = :file_path
    AND (file_size_bytes <> :file_size_bytes OR content_hash <> :content_hash));

-- check: the quota is used up: :file_size_bytes bytes more are too many
SELECT EXISTS (SELECT 1 FROM users
  WHERE user_id = :user_id AND used_bytes + :file_size_bytes <= CAST(quota_mb AS bigint) * 1048576)
  OR EXISTS (SELECT 1 FROM samples WHERE user_id = :user_id AND file_path = :file_path)
  OR EXISTS (SELECT 1 FROM samples WHERE user_id = :user_id AND content_hash = :content_hash);

-- emit: sample.added
SELECT COALESCE(:sample_id, new_uuid('sample')) AS sample_id, :user_id AS user_id, :title AS title,
       :file_path AS file_path, :content_hash AS content_hash, :file_size_bytes AS file_size_bytes,
       :duration_ms AS duration_ms, :sample_rate AS sample_rate, :bit_depth AS bit_depth, :channels AS channels,
       :bpm AS bpm, :bpm_confidence AS bpm_confidence, :musical_key AS musical_key, :key_confidence AS key_confidence,
       :genre AS genre, :genre_confidence AS genre_confidence, COALESCE(:source_type, 'import') AS source_type, :url AS url,
       :artist AS artist, :album AS album, :licence AS licence, :original_name AS original_name, :batch_id AS batch_id
WHERE NOT EXISTS (SELECT 1 FROM samples WHERE user_id = :user_id AND file_path = :file_path)
  AND NOT EXISTS (SELECT 1 FROM samples WHERE user_id = :user_id AND content_hash = :content_hash);

-- emit: file.skipped
SELECT :batch_id AS batch_id, :file_path AS file_path
WHERE EXISTS (SELECT 1 FROM samples WHERE user_id = :user_id AND file_path = :file_path)
  OR EXISTS (SELECT 1 FROM samples WHERE user_id = :user_id AND content_hash = :content_hash);
