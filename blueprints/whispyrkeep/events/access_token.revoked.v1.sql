-- expect 1: no token :token_id
DELETE FROM access_tokens WHERE token_id = :token_id;
