-- Takes in a story that was told elsewhere (story_format.md), with the ids and times that it has there: all of it, or
-- nothing. Parents stand before their children.
-- check: there is a story of this id already: delete it, or give the new one other ids
SELECT NOT EXISTS (SELECT 1 FROM stories WHERE story_id = (:story ->> 'story_id')::uuid);

-- check: its owner has a story of this title already: rename one of them
SELECT NOT EXISTS (SELECT 1 FROM stories WHERE owner = :story ->> 'owner' AND title = :story ->> 'title');

-- check: another story has a node of the same id: give the new one other ids
SELECT NOT EXISTS (SELECT 1 FROM jsonb_array_elements(:nodes) AS e (value)
                   JOIN nodes n ON n.node_id = (e.value ->> 'node_id')::uuid);

-- check: another story has a world entry of the same id: give the new one other ids
SELECT NOT EXISTS (SELECT 1 FROM jsonb_array_elements(COALESCE(:world_entries, '[]'::jsonb)) AS e (value)
                   JOIN world_entries w ON w.entry_id = (e.value ->> 'entry_id')::uuid);

-- check: another story has an image of the same id: give the new one other ids
SELECT NOT EXISTS (SELECT 1 FROM jsonb_array_elements(COALESCE(:assets, '[]'::jsonb)) AS e (value)
                   JOIN assets a ON a.asset_id = (e.value ->> 'asset_id')::uuid);

-- emit: story.imported
SELECT :story ->> 'story_id' AS story_id, :story ->> 'owner' AS owner, :story ->> 'title' AS title,
       :story ->> 'genre' AS genre, :story ->> 'description' AS description, :story ->> 'status' AS status,
       (:story ->> 'context_depth')::bigint AS context_depth, :story -> 'metadata' AS metadata,
       (:story ->> 'version')::bigint AS version, :story ->> 'created_at' AS created_at,
       :story ->> 'updated_at' AS updated_at;

-- emit: node.imported
SELECT e.value ->> 'node_id' AS node_id, :story ->> 'story_id' AS story_id, e.value ->> 'parent_id' AS parent_id,
       e.value ->> 'node_type' AS node_type, e.value ->> 'content' AS content, e.value ->> 'summary' AS summary,
       (e.value ->> 'summary_is_stale')::boolean AS summary_is_stale, e.value ->> 'choice_text' AS choice_text,
       e.value -> 'metadata' AS metadata, (e.value ->> 'version')::bigint AS version,
       e.value ->> 'created_at' AS created_at, e.value ->> 'updated_at' AS updated_at
FROM jsonb_array_elements(:nodes) WITH ORDINALITY AS e (value, place)
ORDER BY e.place;

-- emit: leaf.imported
SELECT :story ->> 'story_id' AS story_id, :current_leaf ->> 'node_id' AS node_id,
       :current_leaf ->> 'created_at' AS created_at, :current_leaf ->> 'updated_at' AS updated_at
WHERE :current_leaf IS NOT NULL
LIMIT 1;

-- emit: world_entry.imported
SELECT e.value ->> 'entry_id' AS entry_id, :story ->> 'story_id' AS story_id, e.value ->> 'entry_type' AS entry_type,
       e.value ->> 'name' AS name, e.value ->> 'description' AS description, (e.value ->> 'version')::bigint AS version,
       e.value ->> 'created_at' AS created_at, e.value ->> 'updated_at' AS updated_at
FROM jsonb_array_elements(COALESCE(:world_entries, '[]'::jsonb)) WITH ORDINALITY AS e (value, place)
ORDER BY e.place;

-- emit: asset.imported
SELECT e.value ->> 'asset_id' AS asset_id, :story ->> 'story_id' AS story_id, e.value ->> 'node_id' AS node_id,
       e.value ->> 'file' AS file, e.value ->> 'media_type' AS media_type, (e.value ->> 'bytes')::bigint AS bytes,
       e.value ->> 'sha256' AS sha256, e.value ->> 'created_at' AS created_at, e.value ->> 'updated_at' AS updated_at
FROM jsonb_array_elements(COALESCE(:assets, '[]'::jsonb)) WITH ORDINALITY AS e (value, place)
ORDER BY e.place;
