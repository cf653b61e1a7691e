-- Takes what an analysis says of a sample.
-- check: no sample :sample_id
SELECT EXISTS (SELECT 1 FROM samples WHERE sample_id = :sample_id);

-- emit: sample.analyzed
SELECT :sample_id AS sample_id, :duration_ms AS duration_ms, :sample_rate AS sample_rate, :bit_depth AS bit_depth, :channels AS channels, :bpm AS bpm, :bpm_confidence AS bpm_confidence, :musical_key AS musical_key, :key_confidence AS key_confidence, :genre AS genre, :genre_confidence AS genre_confidence;
