-- expect 1..: no node :node_id that can be pruned
UPDATE nodes SET deleted_at = :at, pruned_by = :event_id
WHERE deleted_at IS NULL
  AND EXISTS (SELECT 1 FROM nodes t WHERE t.node_id = :node_id AND t.node_type <> 'root' AND t.deleted_at IS NULL)
  AND node_id IN (
  WITH RECURSIVE branch (id) AS (
    SELECT n.node_id FROM nodes n WHERE n.node_id = :node_id
    UNION
    SELECT n.node_id FROM branch b JOIN nodes n ON n.parent_id = b.id)
  SELECT id FROM branch);

DELETE FROM current_leaves
WHERE node_id IN (
  WITH RECURSIVE branch (id) AS (
    SELECT n.node_id FROM nodes n WHERE n.node_id = :node_id
    UNION
    SELECT n.node_id FROM branch b JOIN nodes n ON n.parent_id = b.id)
  SELECT id FROM branch);
