-- Removes a world entry.
-- check: no world entry :entry_id
SELECT EXISTS (SELECT 1 FROM world_entries WHERE entry_id = :entry_id);

-- emit: world_entry.deleted
SELECT :entry_id AS entry_id;
