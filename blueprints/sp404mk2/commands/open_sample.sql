-- Notes that somebody listened to a sample.
-- check: no sample :sample_id
SELECT EXISTS (SELECT 1 FROM samples WHERE sample_id = :sample_id);

-- emit: sample.opened
SELECT :sample_id AS sample_id;
