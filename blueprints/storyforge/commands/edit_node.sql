-- Changes what a node tells, decided on a version of it; what is not given stays.
-- check: no node :node_id
SELECT EXISTS (SELECT 1 FROM nodes WHERE node_id = :node_id AND deleted_at IS NULL);

-- check: somebody else changed the node :node_id meanwhile: it is not at version :version
SELECT EXISTS (SELECT 1 FROM nodes WHERE node_id = :node_id AND version = :version);

-- emit: node.changed
SELECT node_id, version, COALESCE(:content, content) AS content, COALESCE(:choice_text, choice_text) AS choice_text,
       COALESCE(:metadata, metadata) AS metadata
FROM nodes WHERE node_id = :node_id;
