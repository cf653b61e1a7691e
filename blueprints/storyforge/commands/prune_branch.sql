-- Deletes a node with all that hangs on it. It can be restored until it is purged.
-- check: no node :node_id
SELECT EXISTS (SELECT 1 FROM nodes WHERE node_id = :node_id AND deleted_at IS NULL);

-- check: a root goes with its story: delete_story
SELECT EXISTS (SELECT 1 FROM nodes WHERE node_id = :node_id AND node_type <> 'root');

-- emit: branch.pruned
SELECT :node_id AS node_id;
