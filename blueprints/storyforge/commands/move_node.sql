-- Hangs a node on another of its story, with all that hangs on it.
-- check: no node :node_id
SELECT EXISTS (SELECT 1 FROM nodes WHERE node_id = :node_id AND deleted_at IS NULL);

-- check: a root stays where it is
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

-- emit: node.moved
SELECT :node_id AS node_id, :parent_id AS parent_id;
