-- name: story_by_id :one
-- One story, with its root and where its reader is.
SELECT s.story_id, s.owner, s.title, s.genre, s.description, s.status, s.context_depth, s.metadata, s.version,
       r.node_id AS root_id, c.node_id AS current_leaf_id, s.created_at, s.updated_at
FROM stories s
LEFT JOIN nodes r ON r.story_id = s.story_id AND r.node_type = 'root'
LEFT JOIN current_leaves c ON c.story_id = s.story_id
WHERE s.story_id = :story_id;

-- name: story_by_title :one
-- The story of an owner by its title.
SELECT story_id, genre, description, status, context_depth, metadata, version, created_at, updated_at
FROM stories WHERE owner = :owner AND title = :title;

-- name: stories_of_owner :many
-- The stories of an owner, by title, with how many nodes each has.
SELECT s.story_id, s.title, s.genre, s.status, s.updated_at,
       (SELECT count(*) FROM nodes n WHERE n.story_id = s.story_id AND n.deleted_at IS NULL) AS nodes
FROM stories s WHERE s.owner = :owner
ORDER BY s.title, s.story_id;
