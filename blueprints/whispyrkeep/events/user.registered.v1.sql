-- expect 1: the account has a user already
INSERT INTO users (user_id, email, password_hash, display_name, settings, created_at, updated_at)
SELECT :user_id, :email, :password_hash, :display_name, COALESCE(:settings, '{}'::jsonb), :at, :at
WHERE NOT EXISTS (SELECT 1 FROM users);
