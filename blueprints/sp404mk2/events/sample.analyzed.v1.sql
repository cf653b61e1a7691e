-- expect 1: no sample :sample_id
UPDATE samples SET duration_ms = COALESCE(:duration_ms, duration_ms), sample_rate = COALESCE(:sample_rate, sample_rate),
  bit_depth = COALESCE(:bit_depth, bit_depth), channels = COALESCE(:channels, channels),
  bpm = COALESCE(:bpm, bpm), bpm_rounded = CAST(COALESCE(:bpm, bpm) AS integer), bpm_confidence = COALESCE(:bpm_confidence, bpm_confidence),
  musical_key = COALESCE(:musical_key, musical_key), key_confidence = COALESCE(:key_confidence, key_confidence),
  genre = COALESCE(:genre, genre), genre_confidence = COALESCE(:genre_confidence, genre_confidence),
  analyzed_at = :at
WHERE sample_id = :sample_id;
