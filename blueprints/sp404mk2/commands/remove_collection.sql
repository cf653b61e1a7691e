-- Removes a collection with those in it; the samples stay.
-- check: no collection :collection_id
SELECT EXISTS (SELECT 1 FROM collections WHERE collection_id = :collection_id);

-- emit: collection.removed
SELECT :collection_id AS collection_id;
