-- expect 1: no key :signing_key_id that is not revoked
UPDATE signing_keys SET status = 'revoked', ended_at = :at, updated_at = :at
WHERE signing_key_id = :signing_key_id AND status <> 'revoked';

INSERT INTO audit_index (sequence, resource_type, resource_id, created_at, updated_at)
VALUES (:sequence, 'signing_key', :signing_key_id, :at, :at);
