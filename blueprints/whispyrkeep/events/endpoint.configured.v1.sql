INSERT INTO llm_endpoint_configs (config_id, user_id, provider_name, base_url, api_key_encrypted, key_version, default_model,
                                  is_active, created_at, updated_at)
VALUES (:config_id, :user_id, :provider_name, :base_url, decode(:api_key_encrypted, 'base64'), :key_version,
        :default_model, COALESCE(:is_active, true), :at, :at)
ON CONFLICT (config_id) DO UPDATE SET provider_name = excluded.provider_name, base_url = excluded.base_url,
  api_key_encrypted = excluded.api_key_encrypted, key_version = excluded.key_version,
  default_model = excluded.default_model, is_active = excluded.is_active;
