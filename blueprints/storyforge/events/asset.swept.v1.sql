-- expect 1: no asset :asset_id
DELETE FROM assets WHERE asset_id = :asset_id;
