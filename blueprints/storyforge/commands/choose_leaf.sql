-- Says where the reader of a story is.
-- check: no node :node_id
SELECT EXISTS (SELECT 1 FROM nodes WHERE node_id = :node_id AND deleted_at IS NULL);

-- emit: leaf.chosen
SELECT story_id, node_id FROM nodes WHERE node_id = :node_id;
