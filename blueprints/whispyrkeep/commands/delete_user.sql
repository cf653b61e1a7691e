-- Removes the user with campaigns, sheets, universes and all else that is his.
-- check: no user :user_id
SELECT EXISTS (SELECT 1 FROM users WHERE user_id = :user_id);

-- emit: user.deleted
SELECT :user_id AS user_id;
