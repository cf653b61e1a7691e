-- Removes a user with all that is theirs.
-- check: no user :user_id
SELECT EXISTS (SELECT 1 FROM users WHERE user_id = :user_id);

-- emit: user.removed
SELECT :user_id AS user_id;
