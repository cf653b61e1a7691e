-- expect 1: no node :node_id in the story :story_id
INSERT INTO current_leaves (story_id, node_id, created_at, updated_at)
SELECT :story_id, :node_id, :at, :at
WHERE EXISTS (SELECT 1 FROM nodes n WHERE n.node_id = :node_id AND n.story_id = :story_id AND n.deleted_at IS NULL)
ON CONFLICT (story_id) DO UPDATE SET node_id = excluded.node_id;
