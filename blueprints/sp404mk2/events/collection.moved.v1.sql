-- expect 1: no collection :collection_id
UPDATE collections SET parent_id = :parent_id WHERE collection_id = :collection_id;
