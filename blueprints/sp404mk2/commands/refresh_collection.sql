-- Fills a smart collection by its rules anew, in one step: nobody sees it empty.
-- check: no collection :collection_id
SELECT EXISTS (SELECT 1 FROM collections WHERE collection_id = :collection_id);

-- check: the collection :collection_id is no smart one
SELECT EXISTS (SELECT 1 FROM collections WHERE collection_id = :collection_id AND is_smart);

-- emit: collection.refreshed
SELECT :collection_id AS collection_id;
