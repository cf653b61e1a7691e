INSERT INTO collections (collection_id, user_id, parent_id, name, is_smart, genres, bpm_min, bpm_max, tags, confidence_min,
  created_at)
VALUES (:collection_id, :user_id, :parent_id, :name, COALESCE(:is_smart, false), COALESCE(:genres, '[]'::jsonb), :bpm_min,
  :bpm_max, COALESCE(:tags, '[]'::jsonb), :confidence_min, :at);
