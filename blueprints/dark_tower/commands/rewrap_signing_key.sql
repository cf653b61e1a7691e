-- Stores a private key sealed under a newer master key.
-- check: no such organization
SELECT EXISTS (SELECT 1 FROM organization);

-- check: the organization is inactive
SELECT EXISTS (SELECT 1 FROM organization WHERE is_active);

-- check: no such key :signing_key_id
SELECT EXISTS (SELECT 1 FROM signing_keys WHERE signing_key_id = :signing_key_id);

-- check: the key :signing_key_id is sealed under master key :master_key_version or a newer one
SELECT EXISTS (SELECT 1 FROM signing_keys WHERE signing_key_id = :signing_key_id
               AND master_key_version < :master_key_version);

-- emit: signing_key.rewrapped
SELECT :signing_key_id AS signing_key_id, :private_key_sealed AS private_key_sealed,
       :master_key_version AS master_key_version, :ip AS ip, :user_agent AS user_agent;
