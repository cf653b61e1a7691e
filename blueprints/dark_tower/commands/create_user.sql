-- Adds a user, by default with the role user.
-- check: no such organization
SELECT EXISTS (SELECT 1 FROM organization);

-- check: the organization is inactive
SELECT EXISTS (SELECT 1 FROM organization WHERE is_active);

-- check: the email :email is taken
SELECT NOT EXISTS (SELECT 1 FROM users WHERE email = lower(:email) AND deleted_at IS NULL);

-- check: there is a user :user_id already
SELECT :user_id IS NULL OR NOT EXISTS (SELECT 1 FROM users WHERE user_id = :user_id);

-- emit: user.created
SELECT COALESCE(:user_id, new_uuid('user')) AS user_id, lower(:email) AS email,
       :password_hash AS password_hash,
       :display_name AS display_name, :ip AS ip, :user_agent AS user_agent;

-- emit: role.granted
SELECT COALESCE(:user_id, new_uuid('user')) AS user_id, COALESCE(:role, 'user') AS role, :ip AS ip,
       :user_agent AS user_agent;
