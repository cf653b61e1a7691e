-- Records that a user renewed a token, or was refused. It never locks anybody out.
-- check: no such organization
SELECT EXISTS (SELECT 1 FROM organization);

-- check: the organization is inactive
SELECT EXISTS (SELECT 1 FROM organization WHERE is_active);

-- check: no such user :user_id
SELECT EXISTS (SELECT 1 FROM users WHERE user_id = :user_id AND deleted_at IS NULL);

-- check: no active user :user_id
SELECT :failure_reason IS NOT NULL
    OR EXISTS (SELECT 1 FROM users WHERE user_id = :user_id AND is_active);

-- emit: auth.succeeded
SELECT 'token_refresh' AS kind, encode(sha256(convert_to(u.email, 'UTF8')), 'hex') AS subject_hash, u.user_id,
       :ip AS ip, :user_agent AS user_agent
FROM users u WHERE u.user_id = :user_id AND :failure_reason IS NULL;

-- emit: auth.failed
SELECT 'token_refresh' AS kind, encode(sha256(convert_to(u.email, 'UTF8')), 'hex') AS subject_hash, u.user_id,
       :failure_reason AS reason, :ip AS ip, :user_agent AS user_agent
FROM users u WHERE u.user_id = :user_id AND :failure_reason IS NOT NULL;
