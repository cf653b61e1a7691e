-- expect 1: no sample :sample_id
UPDATE samples SET last_accessed_at = :at WHERE sample_id = :sample_id;
