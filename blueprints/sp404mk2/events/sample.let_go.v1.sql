-- expect 1: the sample :sample_id is not in the collection
DELETE FROM collection_samples WHERE collection_id = :collection_id AND sample_id = :sample_id;
