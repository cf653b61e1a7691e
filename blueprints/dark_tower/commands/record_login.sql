-- Records a login whose password was right, unless the account is locked.
-- check: no such organization
SELECT EXISTS (SELECT 1 FROM organization);

-- check: the organization is inactive
SELECT EXISTS (SELECT 1 FROM organization WHERE is_active);

-- check: locked out: 5 failed logins in 15 minutes
SELECT (SELECT count(*) FROM auth_events
        WHERE kind = 'login' AND outcome = 'failure' AND failure_reason <> 'locked_out'
          AND subject_hash = encode(sha256(convert_to(lower(:email), 'UTF8')), 'hex')
          AND created_at > now() - interval '15 minutes') < 5;

-- check: no active user :email
SELECT EXISTS (SELECT 1 FROM users WHERE email = lower(:email) AND is_active AND deleted_at IS NULL);

-- emit: auth.succeeded
SELECT 'login' AS kind, encode(sha256(convert_to(lower(:email), 'UTF8')), 'hex') AS subject_hash, u.user_id,
       :ip AS ip, :user_agent AS user_agent
FROM users u WHERE u.email = lower(:email) AND u.deleted_at IS NULL
ORDER BY u.user_id;
