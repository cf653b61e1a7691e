-- Lets in who shows what has this hash, until it expires.
-- check: no user :user_id
SELECT EXISTS (SELECT 1 FROM users WHERE user_id = :user_id);

-- check: the token has expired before it is there
SELECT :expires_at > now();

-- check: the hash is that of another token
SELECT NOT EXISTS (SELECT 1 FROM access_tokens WHERE token_hash = :token_hash);

-- emit: access_token.issued
SELECT COALESCE(:token_id, new_uuid('token')) AS token_id, :user_id AS user_id, :token_kind AS token_kind,
       :token_hash AS token_hash, :label AS label, :expires_at AS expires_at;
