-- expect 1: the node :node_id is not at version :version any more
UPDATE nodes SET summary = :summary, summary_is_stale = false
WHERE node_id = :node_id AND version = :version AND deleted_at IS NULL;
