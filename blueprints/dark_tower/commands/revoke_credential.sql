-- Takes from a service the right to log in.
-- check: no such organization
SELECT EXISTS (SELECT 1 FROM organization);

-- check: no valid credential :credential_id
SELECT EXISTS (SELECT 1 FROM service_credentials WHERE credential_id = :credential_id AND revoked_at IS NULL);

-- emit: credential.revoked
SELECT :credential_id AS credential_id, :reason AS reason, :ip AS ip, :user_agent AS user_agent;
