-- Puts a collection into another one of the same user, or by itself.
-- check: no collection :collection_id
SELECT EXISTS (SELECT 1 FROM collections WHERE collection_id = :collection_id);

-- check: no collection :parent_id of this user
SELECT :parent_id IS NULL OR EXISTS (SELECT 1 FROM collections p JOIN collections c ON c.user_id = p.user_id
  WHERE p.collection_id = :parent_id AND c.collection_id = :collection_id);

-- emit: collection.moved
SELECT :collection_id AS collection_id, :parent_id AS parent_id;
