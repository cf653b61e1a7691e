-- name: story_parts :many
-- A story as story_format.md has it, part by part, from one snapshot: the story, where its reader is, its nodes (without
-- what is pruned), its world and the images of those nodes.
SELECT 1 AS part, s.story_id AS id,
       jsonb_build_object('story_id', s.story_id, 'owner', s.owner, 'title', s.title, 'genre', s.genre,
         'description', s.description, 'status', s.status, 'context_depth', s.context_depth, 'metadata', s.metadata,
         'version', s.version, 'created_at', s.created_at, 'updated_at', s.updated_at) AS item
FROM stories s WHERE s.story_id = :story_id
UNION ALL
SELECT 2, c.node_id, jsonb_build_object('node_id', c.node_id, 'created_at', c.created_at, 'updated_at', c.updated_at)
FROM current_leaves c WHERE c.story_id = :story_id
UNION ALL
SELECT 3, n.node_id,
       jsonb_build_object('node_id', n.node_id, 'node_type', n.node_type, 'content', n.content,
         'summary_is_stale', n.summary_is_stale, 'metadata', n.metadata, 'version', n.version,
         'created_at', n.created_at, 'updated_at', n.updated_at)
       || CASE WHEN n.parent_id IS NULL THEN '{}'::jsonb ELSE jsonb_build_object('parent_id', n.parent_id) END
       || CASE WHEN n.summary IS NULL THEN '{}'::jsonb ELSE jsonb_build_object('summary', n.summary) END
       || CASE WHEN n.choice_text IS NULL THEN '{}'::jsonb ELSE jsonb_build_object('choice_text', n.choice_text) END
FROM nodes n WHERE n.story_id = :story_id AND n.deleted_at IS NULL
UNION ALL
SELECT 4, w.entry_id,
       jsonb_build_object('entry_id', w.entry_id, 'entry_type', w.entry_type, 'name', w.name,
         'description', w.description, 'version', w.version, 'created_at', w.created_at, 'updated_at', w.updated_at)
FROM world_entries w WHERE w.story_id = :story_id
UNION ALL
SELECT 5, a.asset_id,
       jsonb_build_object('asset_id', a.asset_id, 'node_id', a.node_id, 'file', a.file, 'media_type', a.media_type,
         'bytes', a.bytes, 'sha256', a.sha256, 'created_at', a.created_at, 'updated_at', a.updated_at)
FROM assets a JOIN nodes n ON n.node_id = a.node_id
WHERE a.story_id = :story_id AND n.deleted_at IS NULL
ORDER BY 1, 2;
