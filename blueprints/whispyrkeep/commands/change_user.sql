-- Changes what the user says of himself; what is not given stays.
-- check: no user :user_id
SELECT EXISTS (SELECT 1 FROM users WHERE user_id = :user_id);

-- emit: user.changed
SELECT user_id, COALESCE(:email, email) AS email, COALESCE(:password_hash, password_hash) AS password_hash,
       COALESCE(:display_name, display_name) AS display_name, COALESCE(:settings, settings) AS settings
FROM users WHERE user_id = :user_id;
