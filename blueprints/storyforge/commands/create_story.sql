-- Begins a story with its root, in one transaction.
-- check: :owner has a story of this title already: :title
SELECT NOT EXISTS (SELECT 1 FROM stories WHERE owner = :owner AND title = :title);

-- check: there is a story :story_id already
SELECT :story_id IS NULL OR NOT EXISTS (SELECT 1 FROM stories WHERE story_id = :story_id);

-- check: there is a node :root_id already
SELECT :root_id IS NULL OR NOT EXISTS (SELECT 1 FROM nodes WHERE node_id = :root_id);

-- emit: story.created
SELECT COALESCE(:story_id, new_uuid('story')) AS story_id, :owner AS owner, :title AS title, :genre AS genre,
       :description AS description, COALESCE(:context_depth, 5) AS context_depth,
       COALESCE(:metadata, '{}'::jsonb) AS metadata;

-- emit: node.created
SELECT COALESCE(:root_id, new_uuid('root')) AS node_id, COALESCE(:story_id, new_uuid('story')) AS story_id,
       'root' AS node_type, :content AS content, '{}'::jsonb AS metadata;
