INSERT INTO users (user_id, email, username, tier, quota_mb, created_at)
VALUES (:user_id, :email, :username, COALESCE(:tier, 'free'), COALESCE(:quota_mb, 1000), :at);
