-- expect 1: the parent :parent_id of :node_id is no node of the story :story_id
INSERT INTO nodes (node_id, story_id, parent_id, node_type, content, summary, summary_is_stale, choice_text, metadata,
                   version, created_at, updated_at)
SELECT :node_id, :story_id, :parent_id, :node_type, :content, :summary, :summary_is_stale, :choice_text, :metadata,
       :version, :created_at, :updated_at
WHERE :parent_id IS NULL
   OR EXISTS (SELECT 1 FROM nodes p WHERE p.node_id = :parent_id AND p.story_id = :story_id AND p.deleted_at IS NULL);
