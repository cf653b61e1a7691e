INSERT INTO access_tokens (token_id, user_id, token_kind, token_hash, label, expires_at, created_at)
VALUES (:token_id, :user_id, :token_kind, :token_hash, COALESCE(:label, ''), :expires_at, :at);
