-- Takes back what pruned a node: all that went with it comes with it.
-- check: the node :node_id is not deleted
SELECT EXISTS (SELECT 1 FROM nodes WHERE node_id = :node_id AND deleted_at IS NOT NULL);

-- check: what the branch of :node_id hangs on is deleted by another pruning
SELECT NOT EXISTS (SELECT 1 FROM nodes t JOIN nodes m ON m.pruned_by = t.pruned_by
                   JOIN nodes p ON p.node_id = m.parent_id
                   WHERE t.node_id = :node_id AND p.pruned_by <> t.pruned_by);

-- emit: branch.restored
SELECT :node_id AS node_id;
