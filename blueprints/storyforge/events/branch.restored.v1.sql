-- expect 1..: the node :node_id is not deleted, or what its branch hangs on is
UPDATE nodes SET deleted_at = NULL, pruned_by = NULL
WHERE pruned_by = (
  SELECT t.pruned_by FROM nodes t
  WHERE t.node_id = :node_id AND t.deleted_at IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM nodes m JOIN nodes p ON p.node_id = m.parent_id
                    WHERE m.pruned_by = t.pruned_by AND p.pruned_by <> t.pruned_by));
