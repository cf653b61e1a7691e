-- expect 1: no asset :asset_id
UPDATE assets SET node_id = NULL WHERE asset_id = :asset_id;
