-- expect 1: no collection :collection_id
DELETE FROM collections WHERE collection_id = :collection_id;
