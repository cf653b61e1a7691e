-- Hangs a scene, or a choice, on a node. The story is the parent's.
-- check: no node :parent_id
SELECT EXISTS (SELECT 1 FROM nodes WHERE node_id = :parent_id AND deleted_at IS NULL);

-- check: there is a node :node_id already
SELECT :node_id IS NULL OR NOT EXISTS (SELECT 1 FROM nodes WHERE node_id = :node_id);

-- emit: node.created
SELECT COALESCE(:node_id, new_uuid('node')) AS node_id, story_id, node_id AS parent_id,
       COALESCE(:node_type, 'scene') AS node_type, :content AS content, :choice_text AS choice_text,
       COALESCE(:metadata, '{}'::jsonb) AS metadata
FROM nodes WHERE node_id = :parent_id;
