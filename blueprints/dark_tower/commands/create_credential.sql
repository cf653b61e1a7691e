-- Lets a service log in.
-- check: no such organization
SELECT EXISTS (SELECT 1 FROM organization);

-- check: the organization is inactive
SELECT EXISTS (SELECT 1 FROM organization WHERE is_active);

-- check: the client id :client_id is taken
SELECT NOT EXISTS (SELECT 1 FROM service_credentials WHERE client_id = :client_id);

-- check: the credential would have expired already
SELECT :expires_at IS NULL OR :expires_at > now();

-- emit: credential.created
SELECT COALESCE(:credential_id, new_uuid('credential')) AS credential_id, :client_id AS client_id,
       :service_type AS service_type, :region AS region, :secret_hash AS secret_hash,
       COALESCE(:scopes, '[]'::jsonb) AS scopes, :expires_at AS expires_at, :ip AS ip,
       :user_agent AS user_agent;
