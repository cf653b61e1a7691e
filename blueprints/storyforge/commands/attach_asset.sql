-- Adds an image to a node.
-- check: no node :node_id
SELECT EXISTS (SELECT 1 FROM nodes WHERE node_id = :node_id AND deleted_at IS NULL);

-- check: the story of :node_id has the file :file already
SELECT NOT EXISTS (SELECT 1 FROM assets a JOIN nodes n ON n.story_id = a.story_id
                   WHERE n.node_id = :node_id AND a.file = :file);

-- check: there is an asset :asset_id already
SELECT :asset_id IS NULL OR NOT EXISTS (SELECT 1 FROM assets WHERE asset_id = :asset_id);

-- emit: asset.attached
SELECT COALESCE(:asset_id, new_uuid('asset')) AS asset_id, story_id, node_id, :file AS file,
       :media_type AS media_type, :bytes AS bytes, :sha256 AS sha256
FROM nodes WHERE node_id = :node_id;
