-- Forgets where a model was asked, with its key.
-- check: no endpoint :config_id
SELECT EXISTS (SELECT 1 FROM llm_endpoint_configs WHERE config_id = :config_id);

-- emit: endpoint.removed
SELECT :config_id AS config_id;
