-- Takes an image from its node. It is an orphan then, until it is swept.
-- check: no asset :asset_id on a node
SELECT EXISTS (SELECT 1 FROM assets WHERE asset_id = :asset_id AND node_id IS NOT NULL);

-- emit: asset.detached
SELECT :asset_id AS asset_id;
