-- Takes from a user the right to act.
-- check: no such organization
SELECT EXISTS (SELECT 1 FROM organization);

-- check: the organization is inactive
SELECT EXISTS (SELECT 1 FROM organization WHERE is_active);

-- check: no active user :user_id
SELECT EXISTS (SELECT 1 FROM users WHERE user_id = :user_id AND is_active AND deleted_at IS NULL);

-- check: :user_id is the last org_admin
SELECT NOT EXISTS (SELECT 1 FROM user_roles WHERE user_id = :user_id AND role = 'org_admin')
    OR EXISTS (SELECT 1 FROM user_roles r JOIN users u ON u.user_id = r.user_id
               WHERE r.role = 'org_admin' AND r.user_id <> :user_id AND u.is_active AND u.deleted_at IS NULL);

-- emit: user.deactivated
SELECT :user_id AS user_id, :reason AS reason, :ip AS ip, :user_agent AS user_agent;
