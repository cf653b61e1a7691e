-- Says where a model is asked, or says it anew. The key comes sealed, with the version of the key that opens it.
-- check: no user :user_id
SELECT EXISTS (SELECT 1 FROM users WHERE user_id = :user_id);

-- check: the endpoint :config_id is another user's
SELECT :config_id IS NULL OR NOT EXISTS (
  SELECT 1 FROM llm_endpoint_configs WHERE config_id = :config_id AND user_id <> :user_id);

-- emit: endpoint.configured
SELECT COALESCE(:config_id, new_uuid('endpoint')) AS config_id, :user_id AS user_id, :provider_name AS provider_name,
       :base_url AS base_url, :api_key_encrypted AS api_key_encrypted, :key_version AS key_version,
       :default_model AS default_model, :is_active AS is_active;
