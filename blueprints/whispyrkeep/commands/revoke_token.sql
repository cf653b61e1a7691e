-- Lets nobody in with a token any more.
-- check: no token :token_id
SELECT EXISTS (SELECT 1 FROM access_tokens WHERE token_id = :token_id);

-- emit: access_token.revoked
SELECT :token_id AS token_id;
