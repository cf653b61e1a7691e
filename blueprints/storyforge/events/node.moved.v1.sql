-- expect 1: the node :node_id can't hang on :parent_id, which is deleted, of another story or below it
UPDATE nodes SET parent_id = :parent_id
WHERE node_id = :node_id AND node_type <> 'root' AND deleted_at IS NULL
  AND story_id = (SELECT p.story_id FROM nodes p WHERE p.node_id = :parent_id AND p.deleted_at IS NULL)
  AND :node_id NOT IN (
    WITH RECURSIVE up (id, above) AS (
      SELECT n.node_id, n.parent_id FROM nodes n WHERE n.node_id = :parent_id
      UNION
      SELECT n.node_id, n.parent_id FROM up JOIN nodes n ON n.node_id = up.above)
    SELECT id FROM up);
