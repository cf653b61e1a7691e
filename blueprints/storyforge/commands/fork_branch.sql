-- Copies a node with all that hangs on it, and hangs the copy on a node that does not: the story can go on
-- otherwise there.
-- check: no node :node_id
SELECT EXISTS (SELECT 1 FROM nodes WHERE node_id = :node_id AND deleted_at IS NULL);

-- check: a root is copied with its story alone
SELECT EXISTS (SELECT 1 FROM nodes WHERE node_id = :node_id AND node_type <> 'root');

-- check: no node :parent_id in the story of :node_id
SELECT EXISTS (SELECT 1 FROM nodes n JOIN nodes p ON p.story_id = n.story_id
               WHERE n.node_id = :node_id AND p.node_id = :parent_id AND p.deleted_at IS NULL);

-- check: the node :parent_id hangs on :node_id
SELECT NOT EXISTS (
  WITH RECURSIVE up (id, above) AS (
    SELECT n.node_id, n.parent_id FROM nodes n WHERE n.node_id = :parent_id
    UNION
    SELECT n.node_id, n.parent_id FROM up JOIN nodes n ON n.node_id = up.above)
  SELECT 1 FROM up WHERE id = :node_id);

-- emit: node.created
WITH RECURSIVE branch (id, depth) AS (
  SELECT n.node_id, 0::bigint FROM nodes n WHERE n.node_id = :node_id
  UNION ALL
  SELECT n.node_id, b.depth + 1 FROM branch b JOIN nodes n ON n.parent_id = b.id
  WHERE n.deleted_at IS NULL)
SELECT new_uuid('copy:' || n.node_id::text) AS node_id, n.story_id,
       CASE WHEN b.depth = 0 THEN :parent_id ELSE new_uuid('copy:' || n.parent_id::text) END AS parent_id,
       n.node_type, n.content, CASE WHEN n.summary_is_stale THEN NULL ELSE n.summary END AS summary, n.choice_text,
       jsonb_set(n.metadata, '{copy_of}', to_jsonb(n.node_id::text)) AS metadata
FROM branch b JOIN nodes n ON n.node_id = b.id
ORDER BY b.depth, n.created_at, n.node_id;
