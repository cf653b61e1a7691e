-- Makes a new key the active one, and retires the one before. Between two there are 6 days at least.
-- check: no such organization
SELECT EXISTS (SELECT 1 FROM organization);

-- check: the organization is inactive
SELECT EXISTS (SELECT 1 FROM organization WHERE is_active);

-- check: the active key is younger than 6 days
SELECT NOT EXISTS (SELECT 1 FROM signing_keys WHERE status = 'active'
                   AND created_at > now() - interval '6 days');

-- check: there is a key :signing_key_id already
SELECT :signing_key_id IS NULL
    OR NOT EXISTS (SELECT 1 FROM signing_keys WHERE signing_key_id = :signing_key_id);

-- check: the key would be valid for less than 7 days
SELECT :valid_until IS NULL OR :valid_until >= now() + interval '7 days';

-- emit: signing_key.activated
SELECT COALESCE(:signing_key_id, new_uuid('signing_key')) AS signing_key_id,
       COALESCE(:algorithm, 'EdDSA') AS algorithm, :public_key AS public_key,
       :private_key_sealed AS private_key_sealed, :master_key_version AS master_key_version,
       COALESCE(:valid_until, now() + interval '30 days') AS valid_until, :ip AS ip,
       :user_agent AS user_agent;
