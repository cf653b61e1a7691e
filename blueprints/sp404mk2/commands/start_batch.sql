-- Begins an import of many files.
-- check: no user :user_id
SELECT EXISTS (SELECT 1 FROM users WHERE user_id = :user_id);

-- check: the user :user_id is not active
SELECT EXISTS (SELECT 1 FROM users WHERE user_id = :user_id AND is_active);

-- emit: batch.started
SELECT COALESCE(:batch_id, new_uuid('batch')) AS batch_id, :user_id AS user_id, :name AS name;
