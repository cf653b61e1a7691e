-- Removes a pruned branch for good. Its text stays in the journal.
-- check: the node :node_id is not deleted
SELECT EXISTS (SELECT 1 FROM nodes WHERE node_id = :node_id AND deleted_at IS NOT NULL);

-- emit: branch.purged
SELECT :node_id AS node_id;
