-- expect 1: no endpoint :config_id whose key is of a version before :key_version
UPDATE llm_endpoint_configs SET api_key_encrypted = decode(:api_key_encrypted, 'base64'), key_version = :key_version
WHERE config_id = :config_id AND key_version < :key_version;
