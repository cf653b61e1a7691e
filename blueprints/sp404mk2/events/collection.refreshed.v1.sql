-- expect 1: no smart collection :collection_id
UPDATE collections SET refreshed_at = :at WHERE collection_id = :collection_id AND is_smart;
DELETE FROM collection_samples WHERE collection_id = :collection_id;
INSERT INTO collection_samples (collection_id, sample_id)
SELECT c.collection_id, s.sample_id
FROM collections c JOIN samples s ON s.user_id = c.user_id
WHERE c.collection_id = :collection_id
  AND (c.genres = '[]'::jsonb OR c.genres ? s.genre)
  AND (c.bpm_min IS NULL OR s.bpm >= c.bpm_min)
  AND (c.bpm_max IS NULL OR s.bpm <= c.bpm_max)
  AND (c.confidence_min IS NULL OR s.genre_confidence >= c.confidence_min)
  AND (SELECT count(*) FROM sample_tags st JOIN tags t ON t.tag_id = st.tag_id
       WHERE st.sample_id = s.sample_id AND c.tags ? t.name) = jsonb_array_length(c.tags);
