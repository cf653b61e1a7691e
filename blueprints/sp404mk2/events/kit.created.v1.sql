INSERT INTO kits (kit_id, user_id, name, description, is_public, created_at, updated_at)
VALUES (:kit_id, :user_id, :name, COALESCE(:description, ''), COALESCE(:is_public, false), :at, :at);
