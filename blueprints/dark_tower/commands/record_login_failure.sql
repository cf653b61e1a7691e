-- Records a refused login. Five in 15 minutes lock the name, whether somebody has it or not; what is refused
-- because of that does not count again.
-- check: no such organization
SELECT EXISTS (SELECT 1 FROM organization);

-- emit: auth.failed
SELECT 'login' AS kind, encode(sha256(convert_to(lower(:email), 'UTF8')), 'hex') AS subject_hash,
       (SELECT u.user_id FROM users u WHERE u.email = lower(:email) AND u.deleted_at IS NULL) AS user_id,
       CASE WHEN (SELECT count(*) FROM auth_events f
                  WHERE f.kind = 'login' AND f.outcome = 'failure' AND f.failure_reason <> 'locked_out'
                    AND f.subject_hash = encode(sha256(convert_to(lower(:email), 'UTF8')), 'hex')
                    AND f.created_at > now() - interval '15 minutes') >= 5 THEN 'locked_out'
            WHEN NOT EXISTS (SELECT 1 FROM users u WHERE u.email = lower(:email) AND u.deleted_at IS NULL)
              THEN 'unknown_subject'
            WHEN EXISTS (SELECT 1 FROM users u WHERE u.email = lower(:email) AND u.deleted_at IS NULL
                         AND NOT u.is_active) THEN 'inactive'
            ELSE 'wrong_secret' END AS reason, :ip AS ip, :user_agent AS user_agent;
