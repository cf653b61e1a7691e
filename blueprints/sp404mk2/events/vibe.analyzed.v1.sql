INSERT INTO vibe_analyses (sample_id, energy, danceability, acousticness, instrumentalness, confidence, mood_primary,
  mood_secondary, texture_tags, model_version, processing_ms, analyzed_at)
VALUES (:sample_id, :energy, :danceability, :acousticness, :instrumentalness, :confidence, :mood_primary,
  :mood_secondary, COALESCE(:texture_tags, '[]'::jsonb), :model_version, :processing_ms, :at)
ON CONFLICT (sample_id) DO UPDATE SET energy = excluded.energy, danceability = excluded.danceability,
  acousticness = excluded.acousticness, instrumentalness = excluded.instrumentalness,
  confidence = excluded.confidence, mood_primary = excluded.mood_primary, mood_secondary = excluded.mood_secondary,
  texture_tags = excluded.texture_tags, model_version = excluded.model_version,
  processing_ms = excluded.processing_ms, analyzed_at = excluded.analyzed_at;
