-- Stores the hash of another password.
-- check: no such organization
SELECT EXISTS (SELECT 1 FROM organization);

-- check: the organization is inactive
SELECT EXISTS (SELECT 1 FROM organization WHERE is_active);

-- check: no active user :user_id
SELECT EXISTS (SELECT 1 FROM users WHERE user_id = :user_id AND is_active AND deleted_at IS NULL);

-- emit: user.password_set
SELECT :user_id AS user_id, :password_hash AS password_hash, :ip AS ip, :user_agent AS user_agent;
