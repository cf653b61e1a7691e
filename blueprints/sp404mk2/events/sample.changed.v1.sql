-- expect 1: no sample :sample_id
UPDATE samples SET title = COALESCE(:title, title), genre = COALESCE(:genre, genre), bpm = COALESCE(:bpm, bpm), bpm_rounded = CAST(COALESCE(:bpm, bpm) AS integer),
  musical_key = COALESCE(:musical_key, musical_key)
WHERE sample_id = :sample_id;
