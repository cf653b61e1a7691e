-- Takes a role from a user.
-- check: no such organization
SELECT EXISTS (SELECT 1 FROM organization);

-- check: the organization is inactive
SELECT EXISTS (SELECT 1 FROM organization WHERE is_active);

-- check: :user_id does not have the role :role
SELECT EXISTS (SELECT 1 FROM user_roles WHERE user_id = :user_id AND role = :role);

-- check: :user_id is the last org_admin
SELECT :role <> 'org_admin'
    OR NOT EXISTS (SELECT 1 FROM user_roles WHERE user_id = :user_id AND role = 'org_admin')
    OR EXISTS (SELECT 1 FROM user_roles r JOIN users u ON u.user_id = r.user_id
               WHERE r.role = 'org_admin' AND r.user_id <> :user_id AND u.is_active AND u.deleted_at IS NULL);

-- emit: role.revoked
SELECT :user_id AS user_id, :role AS role, :ip AS ip, :user_agent AS user_agent;
