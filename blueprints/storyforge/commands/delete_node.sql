-- Deletes a node on which nothing hangs.
-- check: no node :node_id
SELECT EXISTS (SELECT 1 FROM nodes WHERE node_id = :node_id AND deleted_at IS NULL);

-- check: a root goes with its story: delete_story
SELECT EXISTS (SELECT 1 FROM nodes WHERE node_id = :node_id AND node_type <> 'root');

-- check: nodes hang on :node_id: prune_branch takes them too
SELECT NOT EXISTS (SELECT 1 FROM nodes WHERE parent_id = :node_id AND deleted_at IS NULL);

-- emit: branch.pruned
SELECT :node_id AS node_id;
