-- expect 1: no key :signing_key_id under a master key before version :master_key_version
UPDATE signing_keys SET private_key_sealed = decode(:private_key_sealed, 'hex'),
       master_key_version = :master_key_version, updated_at = :at
WHERE signing_key_id = :signing_key_id AND master_key_version < :master_key_version;

INSERT INTO audit_index (sequence, resource_type, resource_id, created_at, updated_at)
VALUES (:sequence, 'signing_key', :signing_key_id, :at, :at);
