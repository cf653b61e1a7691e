-- Gives the account its user.
-- check: the account has a user already
SELECT NOT EXISTS (SELECT 1 FROM users);

-- emit: user.registered
SELECT COALESCE(:user_id, new_uuid('user')) AS user_id, :email AS email, :password_hash AS password_hash,
       :display_name AS display_name, :settings AS settings;
