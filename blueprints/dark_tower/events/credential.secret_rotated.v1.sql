-- expect 1: no valid credential :credential_id
UPDATE service_credentials SET secret_hash = :secret_hash, updated_at = :at
WHERE credential_id = :credential_id AND revoked_at IS NULL;

INSERT INTO audit_index (sequence, resource_type, resource_id, created_at, updated_at)
VALUES (:sequence, 'credential', :credential_id, :at, :at);
