-- Gives a node the summary of the text that it had at a version.
-- check: no node :node_id
SELECT EXISTS (SELECT 1 FROM nodes WHERE node_id = :node_id AND deleted_at IS NULL);

-- check: the summary is of another text: the node :node_id is not at version :version
SELECT EXISTS (SELECT 1 FROM nodes WHERE node_id = :node_id AND version = :version);

-- emit: node.summarized
SELECT :node_id AS node_id, :version AS version, :summary AS summary;
