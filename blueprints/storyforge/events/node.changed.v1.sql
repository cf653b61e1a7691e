-- expect 1: the node :node_id is not at version :version any more
UPDATE nodes SET content = :content, choice_text = :choice_text, metadata = :metadata, version = version + 1,
       summary_is_stale = summary_is_stale OR (summary IS NOT NULL AND content <> :content)
WHERE node_id = :node_id AND version = :version AND deleted_at IS NULL;
