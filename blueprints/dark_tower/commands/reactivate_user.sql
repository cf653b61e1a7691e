-- Gives a user the right to act again.
-- check: no such organization
SELECT EXISTS (SELECT 1 FROM organization);

-- check: the organization is inactive
SELECT EXISTS (SELECT 1 FROM organization WHERE is_active);

-- check: no inactive user :user_id
SELECT EXISTS (SELECT 1 FROM users WHERE user_id = :user_id AND NOT is_active AND deleted_at IS NULL);

-- emit: user.reactivated
SELECT :user_id AS user_id, :ip AS ip, :user_agent AS user_agent;
