-- Adds a character, a location or a prop to a story.
-- check: no story :story_id
SELECT EXISTS (SELECT 1 FROM stories WHERE story_id = :story_id);

-- check: the story has a world entry of this name already: :name
SELECT NOT EXISTS (SELECT 1 FROM world_entries WHERE story_id = :story_id AND name = :name);

-- check: there is a world entry :entry_id already
SELECT :entry_id IS NULL OR NOT EXISTS (SELECT 1 FROM world_entries WHERE entry_id = :entry_id);

-- emit: world_entry.created
SELECT COALESCE(:entry_id, new_uuid('entry')) AS entry_id, :story_id AS story_id, :entry_type AS entry_type,
       :name AS name, :description AS description;
