-- Deletes a user who has no open meeting and is in none.
-- check: no such organization
SELECT EXISTS (SELECT 1 FROM organization);

-- check: the organization is inactive
SELECT EXISTS (SELECT 1 FROM organization WHERE is_active);

-- check: no such user :user_id
SELECT EXISTS (SELECT 1 FROM users WHERE user_id = :user_id AND deleted_at IS NULL);

-- check: :user_id is the last org_admin
SELECT NOT EXISTS (SELECT 1 FROM user_roles WHERE user_id = :user_id AND role = 'org_admin')
    OR EXISTS (SELECT 1 FROM user_roles r JOIN users u ON u.user_id = r.user_id
               WHERE r.role = 'org_admin' AND r.user_id <> :user_id AND u.is_active AND u.deleted_at IS NULL);

-- check: :user_id has open meetings
SELECT NOT EXISTS (SELECT 1 FROM meetings WHERE created_by = :user_id AND status IN ('scheduled', 'active'));

-- check: :user_id is present in a meeting
SELECT NOT EXISTS (SELECT 1 FROM participants WHERE user_id = :user_id AND left_at IS NULL);

-- emit: user.deleted
SELECT :user_id AS user_id, :ip AS ip, :user_agent AS user_agent;
