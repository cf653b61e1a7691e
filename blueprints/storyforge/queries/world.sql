-- name: world_entries_of_story :many
-- The world of a story, by type and name.
SELECT entry_id, entry_type, name, description, version, created_at, updated_at
FROM world_entries WHERE story_id = :story_id
ORDER BY entry_type, name;

-- name: world_entry_by_id :one
-- One entry.
SELECT story_id, entry_type, name, description, version FROM world_entries WHERE entry_id = :entry_id;

-- name: world_entry_by_name :one
-- One entry of a story's world.
SELECT entry_id, entry_type, description, version FROM world_entries
WHERE story_id = :story_id AND name = :name;

-- name: assets_of_node :many
-- The images of a node.
SELECT asset_id, file, media_type, bytes, sha256, created_at FROM assets
WHERE node_id = :node_id ORDER BY created_at, asset_id;

-- name: orphaned_assets_of_story :many
-- The images of a story that belong to no node: those of purged nodes, and those that were taken from theirs.
SELECT asset_id, node_id, file, bytes, created_at FROM orphaned_assets
WHERE story_id = :story_id ORDER BY created_at, asset_id;
