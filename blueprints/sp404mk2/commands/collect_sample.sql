-- Puts a sample into a collection that is no smart one. The same again decides on nothing.
-- check: no sample :sample_id
SELECT EXISTS (SELECT 1 FROM samples WHERE sample_id = :sample_id);

-- check: no collection :collection_id
SELECT EXISTS (SELECT 1 FROM collections WHERE collection_id = :collection_id);

-- check: the collection :collection_id is filled by its rules
SELECT EXISTS (SELECT 1 FROM collections WHERE collection_id = :collection_id AND NOT is_smart);

-- check: the sample :sample_id is of another user than the collection
SELECT EXISTS (SELECT 1 FROM collections c JOIN samples s ON s.user_id = c.user_id
  WHERE c.collection_id = :collection_id AND s.sample_id = :sample_id);

-- emit: sample.collected
SELECT :collection_id AS collection_id, :sample_id AS sample_id
WHERE NOT EXISTS (SELECT 1 FROM collection_samples WHERE collection_id = :collection_id AND sample_id = :sample_id);
