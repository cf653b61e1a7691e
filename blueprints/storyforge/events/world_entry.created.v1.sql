INSERT INTO world_entries (entry_id, story_id, entry_type, name, description, created_at, updated_at)
VALUES (:entry_id, :story_id, :entry_type, :name, COALESCE(:description, ''), :at, :at);
