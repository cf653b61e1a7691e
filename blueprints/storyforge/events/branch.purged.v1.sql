-- expect 1..: the node :node_id is not deleted, or what hangs on it is not
DELETE FROM nodes
WHERE deleted_at IS NOT NULL
  AND EXISTS (SELECT 1 FROM nodes t WHERE t.node_id = :node_id AND t.deleted_at IS NOT NULL)
  AND node_id IN (
  WITH RECURSIVE branch (id) AS (
    SELECT n.node_id FROM nodes n WHERE n.node_id = :node_id
    UNION
    SELECT n.node_id FROM branch b JOIN nodes n ON n.parent_id = b.id)
  SELECT id FROM branch);
