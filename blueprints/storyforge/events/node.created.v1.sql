-- expect 1: the parent :parent_id is no node of the story :story_id, or it is deleted
INSERT INTO nodes (node_id, story_id, parent_id, node_type, content, summary, choice_text, metadata, created_at, updated_at)
SELECT :node_id, :story_id, :parent_id, :node_type, :content, :summary, :choice_text, :metadata, :at, :at
WHERE :parent_id IS NULL
   OR EXISTS (SELECT 1 FROM nodes p WHERE p.node_id = :parent_id AND p.story_id = :story_id AND p.deleted_at IS NULL);
