-- Changes name or email; what is left out stays.
-- check: no such organization
SELECT EXISTS (SELECT 1 FROM organization);

-- check: the organization is inactive
SELECT EXISTS (SELECT 1 FROM organization WHERE is_active);

-- check: no such user :user_id
SELECT EXISTS (SELECT 1 FROM users WHERE user_id = :user_id AND deleted_at IS NULL);

-- check: the email :email is taken
SELECT :email IS NULL OR NOT EXISTS (SELECT 1 FROM users WHERE email = lower(:email) AND deleted_at IS NULL
                                            AND user_id <> :user_id);

-- emit: user.changed
SELECT u.user_id, COALESCE(lower(:email), u.email) AS email,
       COALESCE(:display_name, u.display_name) AS display_name, :ip AS ip, :user_agent AS user_agent
FROM users u WHERE u.user_id = :user_id;
