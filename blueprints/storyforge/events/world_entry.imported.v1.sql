INSERT INTO world_entries (entry_id, story_id, entry_type, name, description, version, created_at, updated_at)
VALUES (:entry_id, :story_id, :entry_type, :name, :description, :version, :created_at, :updated_at);
