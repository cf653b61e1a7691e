-- Makes a key worthless at once. A new one may then be activated without waiting.
-- check: no such organization
SELECT EXISTS (SELECT 1 FROM organization);

-- check: no key :signing_key_id that is not revoked
SELECT EXISTS (SELECT 1 FROM signing_keys WHERE signing_key_id = :signing_key_id AND status <> 'revoked');

-- emit: signing_key.revoked
SELECT :signing_key_id AS signing_key_id, :reason AS reason, :ip AS ip, :user_agent AS user_agent;
