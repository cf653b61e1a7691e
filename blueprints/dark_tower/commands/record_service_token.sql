-- Records that a service got a token, or was refused.
-- check: no such organization
SELECT EXISTS (SELECT 1 FROM organization);

-- check: the organization is inactive
SELECT EXISTS (SELECT 1 FROM organization WHERE is_active);

-- check: no valid credential :client_id
SELECT :failure_reason IS NOT NULL
    OR EXISTS (SELECT 1 FROM service_credentials WHERE client_id = :client_id AND revoked_at IS NULL
               AND COALESCE(expires_at > now(), true));

-- emit: auth.succeeded
SELECT 'service_token' AS kind, encode(sha256(convert_to(:client_id, 'UTF8')), 'hex') AS subject_hash,
       c.credential_id, :ip AS ip, :user_agent AS user_agent
FROM service_credentials c WHERE c.client_id = :client_id AND :failure_reason IS NULL;

-- emit: auth.failed
SELECT 'service_token' AS kind, encode(sha256(convert_to(:client_id, 'UTF8')), 'hex') AS subject_hash,
       c.credential_id, :failure_reason AS reason, :ip AS ip, :user_agent AS user_agent
FROM organization o LEFT JOIN service_credentials c ON c.client_id = :client_id
WHERE o.singleton = 1 AND :failure_reason IS NOT NULL ORDER BY c.credential_id;
