-- expect 1: no endpoint :config_id
DELETE FROM llm_endpoint_configs WHERE config_id = :config_id;
