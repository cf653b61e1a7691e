-- Puts a key that is sealed by a later version in the place of the one before.
-- check: no endpoint :config_id
SELECT EXISTS (SELECT 1 FROM llm_endpoint_configs WHERE config_id = :config_id);

-- check: the key of :config_id is of version :key_version already, or of a later one
SELECT EXISTS (SELECT 1 FROM llm_endpoint_configs WHERE config_id = :config_id AND key_version < :key_version);

-- emit: endpoint.rekeyed
SELECT :config_id AS config_id, :api_key_encrypted AS api_key_encrypted, :key_version AS key_version;
