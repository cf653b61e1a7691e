-- expect 1: no node :node_id in the story :story_id
INSERT INTO assets (asset_id, story_id, node_id, file, media_type, bytes, sha256, created_at, updated_at)
SELECT :asset_id, :story_id, :node_id, :file, :media_type, :bytes, :sha256, :at, :at
WHERE EXISTS (SELECT 1 FROM nodes n WHERE n.node_id = :node_id AND n.story_id = :story_id AND n.deleted_at IS NULL);
