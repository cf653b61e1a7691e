-- Stores the hash of another secret.
-- check: no such organization
SELECT EXISTS (SELECT 1 FROM organization);

-- check: the organization is inactive
SELECT EXISTS (SELECT 1 FROM organization WHERE is_active);

-- check: no valid credential :credential_id
SELECT EXISTS (SELECT 1 FROM service_credentials WHERE credential_id = :credential_id AND revoked_at IS NULL);

-- emit: credential.secret_rotated
SELECT :credential_id AS credential_id, :secret_hash AS secret_hash, :ip AS ip, :user_agent AS user_agent;
