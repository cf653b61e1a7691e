-- Describes a world entry anew, decided on a version of it; what is not given stays.
-- check: no world entry :entry_id
SELECT EXISTS (SELECT 1 FROM world_entries WHERE entry_id = :entry_id);

-- check: somebody else changed the entry :entry_id meanwhile: it is not at version :version
SELECT EXISTS (SELECT 1 FROM world_entries WHERE entry_id = :entry_id AND version = :version);

-- check: the story has another world entry of this name: :name
SELECT :name IS NULL OR NOT EXISTS (
  SELECT 1 FROM world_entries o JOIN world_entries e ON e.story_id = o.story_id AND e.entry_id = :entry_id
  WHERE o.name = :name AND o.entry_id <> :entry_id);

-- emit: world_entry.changed
SELECT entry_id, version, COALESCE(:entry_type, entry_type) AS entry_type, COALESCE(:name, name) AS name,
       COALESCE(:description, description) AS description
FROM world_entries WHERE entry_id = :entry_id;
