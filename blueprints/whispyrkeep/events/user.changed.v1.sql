-- expect 1: no user :user_id
UPDATE users SET email = :email, password_hash = :password_hash, display_name = :display_name, settings = :settings
WHERE user_id = :user_id;
