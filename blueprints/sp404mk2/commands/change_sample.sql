-- Gives a sample another title, genre, tempo or key.
-- check: no sample :sample_id
SELECT EXISTS (SELECT 1 FROM samples WHERE sample_id = :sample_id);

-- emit: sample.changed
SELECT :sample_id AS sample_id, :title AS title, :genre AS genre, :bpm AS bpm, :musical_key AS musical_key;
