-- Takes the vector of how a sample sounds: base64 of its stored bytes.
-- check: no sample :sample_id
SELECT EXISTS (SELECT 1 FROM samples WHERE sample_id = :sample_id);

-- emit: sound.described
SELECT :sample_id AS sample_id, :embedding AS embedding, :model AS model;
