-- name: user_by_email :one
-- The user of an e-mail address.
SELECT user_id, username, is_active, tier, quota_mb, used_bytes FROM users WHERE email = :email;

-- name: sample_by_id :one
-- One sample with where it came from.
SELECT s.user_id, s.title, s.file_path, s.content_hash, s.file_size_bytes, s.duration_ms, s.sample_rate, s.bit_depth,
       s.channels, s.bpm, s.musical_key, s.genre, s.created_at, s.analyzed_at, s.last_accessed_at,
       o.source_type, o.url, o.artist, o.album, o.licence, o.original_name, o.batch_id
FROM samples s JOIN sample_sources o ON o.sample_id = s.sample_id
WHERE s.sample_id = :sample_id;

-- name: newest_samples :many
-- A user's newest samples with how they sound, page by page: `before` and `before_id` are created_at and sample_id of the
-- last one that was seen.
SELECT s.sample_id, s.title, s.genre, s.bpm, s.musical_key, s.created_at, v.mood_primary, v.energy
FROM samples s LEFT JOIN vibe_analyses v ON v.sample_id = s.sample_id
WHERE s.user_id = :user_id
  AND (CAST(:before AS timestamptz) IS NULL OR s.created_at < :before OR (s.created_at = :before AND s.sample_id > :before_id))
ORDER BY s.created_at DESC, s.sample_id
LIMIT COALESCE(:rows, 50);

-- name: compatible_samples :many
-- Samples of a genre within a range of tempo, the surest first.
SELECT s.sample_id, s.title, s.bpm, s.bpm_confidence, s.musical_key
FROM samples s
WHERE s.genre = :genre AND s.bpm >= :bpm_min AND s.bpm <= :bpm_max AND s.user_id = :user_id
ORDER BY s.bpm_confidence DESC NULLS LAST, s.bpm, s.sample_id
LIMIT COALESCE(:rows, 50);

-- name: samples_by_content :many
-- The files of a user with this content.
SELECT sample_id, file_path FROM samples
WHERE user_id = :user_id AND content_hash = :content_hash ORDER BY file_path;

-- name: library :many
-- The library of a user: each sample once, with its mood, its tags and the number of kits it is in.
SELECT l.sample_id, l.title, l.genre, l.bpm, l.musical_key, l.mood_primary, l.energy, l.kits,
       (SELECT string_agg(t.name, ', ' ORDER BY t.name) FROM sample_tags st JOIN tags t ON t.tag_id = st.tag_id
        WHERE st.sample_id = l.sample_id) AS tags
FROM library l
WHERE l.user_id = :user_id
ORDER BY l.title, l.sample_id;

-- name: storage_of :one
-- Quota, use and what is left of a user.
SELECT username, quota_mb, used_bytes, available_bytes, samples FROM storage WHERE user_id = :user_id;

-- name: wrong_books :many
-- Users whose books say something else than their files; also one who has no files.
SELECT user_id, username, used_bytes, stored_bytes FROM storage
WHERE used_bytes <> stored_bytes ORDER BY username;

-- name: batch_by_id :one
-- An import.
SELECT user_id, name, added, skipped, failed, started_at, ended_at FROM batches WHERE batch_id = :batch_id;

-- name: open_batch :one
-- The latest import of a user by this name that has not come to its end.
SELECT batch_id FROM batches
WHERE user_id = :user_id AND name = :name AND ended_at IS NULL
ORDER BY started_at DESC, batch_id LIMIT 1;
