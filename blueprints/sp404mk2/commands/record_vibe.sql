-- Takes what a listener would say of a sample.
-- check: no sample :sample_id
SELECT EXISTS (SELECT 1 FROM samples WHERE sample_id = :sample_id);

-- emit: vibe.analyzed
SELECT :sample_id AS sample_id, :mood_primary AS mood_primary, :model_version AS model_version, :energy AS energy, :danceability AS danceability, :acousticness AS acousticness, :instrumentalness AS instrumentalness, :confidence AS confidence, :mood_secondary AS mood_secondary, :texture_tags AS texture_tags, :processing_ms AS processing_ms;
