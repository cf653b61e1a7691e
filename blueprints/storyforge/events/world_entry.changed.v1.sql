-- expect 1: the entry :entry_id is not at version :version any more
UPDATE world_entries SET entry_type = :entry_type, name = :name, description = :description, version = version + 1
WHERE entry_id = :entry_id AND version = :version;
