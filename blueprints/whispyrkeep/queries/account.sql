-- name: account :one
-- The user of the account.
SELECT user_id, email, display_name, settings, created_at, updated_at FROM users;

-- name: password_of :one
SELECT user_id, password_hash FROM users WHERE email = :email;

-- name: endpoints :many
-- Where models can be asked. A key is never in an answer; key_of_endpoint gives the sealed one to who opens it.
SELECT config_id, provider_name, base_url, key_version, default_model, is_active
FROM llm_endpoint_configs WHERE user_id = :user_id AND (:active::boolean IS NULL OR is_active = :active)
ORDER BY provider_name, config_id;

-- name: key_of_endpoint :one
SELECT config_id, base_url, default_model, api_key_encrypted, key_version
FROM llm_endpoint_configs WHERE config_id = :config_id AND is_active;

-- name: endpoints_to_rekey :many
-- Keys that are sealed by a version before this one.
SELECT config_id, api_key_encrypted, key_version FROM llm_endpoint_configs
WHERE user_id = :user_id AND key_version < :key_version ORDER BY config_id;

-- name: token_by_hash :one
-- Whom a token lets in, if it has not expired.
SELECT token_id, user_id, token_kind, label, expires_at FROM access_tokens
WHERE token_hash = :token_hash AND expires_at > now();

-- name: tokens_of_user :many
SELECT token_id, token_kind, label, expires_at, created_at FROM access_tokens
WHERE user_id = :user_id ORDER BY token_kind, created_at, token_id;

-- name: cost_per_month :many
-- What a user spent, by month and model, in micro-units.
SELECT spent_month, model, count(*) AS calls, sum(prompt_tokens) AS prompt_tokens,
       sum(completion_tokens) AS completion_tokens, sum(cost_micros) AS cost_micros
FROM usage_records
WHERE user_id = :user_id AND (:month::date IS NULL OR spent_month = :month)
GROUP BY spent_month, model ORDER BY spent_month, model;

-- name: cost_per_turn :many
SELECT turn_index, model, sum(prompt_tokens) AS prompt_tokens, sum(completion_tokens) AS completion_tokens,
       sum(cost_micros) AS cost_micros
FROM usage_records WHERE campaign_id = :campaign_id
GROUP BY turn_index, model ORDER BY turn_index, model;

-- name: drafts :many
SELECT draft_id, title, content, expires_at, updated_at FROM world_drafts
WHERE user_id = :user_id AND expires_at > now() ORDER BY updated_at DESC, draft_id;

-- name: exports_of_user :many
SELECT export_id, universe_id, form, status, sha256, bytes, expires_at FROM exports
WHERE user_id = :user_id AND expires_at > now() ORDER BY export_id;

-- name: export_by_id :one
SELECT export_id, user_id, universe_id, form, status, sha256, bytes, expires_at FROM exports
WHERE export_id = :export_id AND expires_at > now();
