-- Gives a user a place in the library.
-- check: there is a user of this e-mail address already
SELECT NOT EXISTS (SELECT 1 FROM users WHERE email = :email);

-- check: there is a user :username already
SELECT NOT EXISTS (SELECT 1 FROM users WHERE username = :username);

-- emit: user.added
SELECT COALESCE(:user_id, new_uuid('user')) AS user_id, :email AS email, :username AS username, :tier AS tier,
       :quota_mb AS quota_mb;
