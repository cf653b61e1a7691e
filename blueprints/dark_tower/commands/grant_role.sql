-- Gives a user a role.
-- check: no such organization
SELECT EXISTS (SELECT 1 FROM organization);

-- check: the organization is inactive
SELECT EXISTS (SELECT 1 FROM organization WHERE is_active);

-- check: no active user :user_id
SELECT EXISTS (SELECT 1 FROM users WHERE user_id = :user_id AND is_active AND deleted_at IS NULL);

-- check: :user_id has the role :role already
SELECT NOT EXISTS (SELECT 1 FROM user_roles WHERE user_id = :user_id AND role = :role);

-- emit: role.granted
SELECT :user_id AS user_id, :role AS role, :ip AS ip, :user_agent AS user_agent;
