-- Makes a collection, in another one or by itself; a smart one is filled by its rules.
-- check: no user :user_id
SELECT EXISTS (SELECT 1 FROM users WHERE user_id = :user_id);

-- check: the user :user_id is not active
SELECT EXISTS (SELECT 1 FROM users WHERE user_id = :user_id AND is_active);

-- check: no collection :parent_id of this user
SELECT :parent_id IS NULL OR EXISTS (SELECT 1 FROM collections
  WHERE collection_id = :parent_id AND user_id = :user_id);

-- emit: collection.created
SELECT COALESCE(:collection_id, new_uuid('collection')) AS collection_id, :user_id AS user_id, :name AS name,
       :parent_id AS parent_id, :is_smart AS is_smart, :genres AS genres, :bpm_min AS bpm_min, :bpm_max AS bpm_max,
       :tags AS tags, :confidence_min AS confidence_min;
