-- Gives a user another kit.
-- check: no user :user_id
SELECT EXISTS (SELECT 1 FROM users WHERE user_id = :user_id);

-- check: the user :user_id is not active
SELECT EXISTS (SELECT 1 FROM users WHERE user_id = :user_id AND is_active);

-- check: the user has a kit :name already
SELECT NOT EXISTS (SELECT 1 FROM kits WHERE user_id = :user_id AND name = :name);

-- emit: kit.created
SELECT COALESCE(:kit_id, new_uuid('kit')) AS kit_id, :user_id AS user_id, :name AS name, :description AS description,
       :is_public AS is_public;
