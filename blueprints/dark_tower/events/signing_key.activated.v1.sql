UPDATE signing_keys SET status = 'retired', ended_at = :at, updated_at = :at WHERE status = 'active';

INSERT INTO signing_keys (signing_key_id, algorithm, public_key, private_key_sealed, master_key_version,
                          status,
                          valid_until, created_at, updated_at)
VALUES (:signing_key_id, :algorithm, decode(:public_key, 'hex'), decode(:private_key_sealed, 'hex'),
        :master_key_version, 'active', :valid_until, :at, :at);

INSERT INTO audit_index (sequence, resource_type, resource_id, created_at, updated_at)
VALUES (:sequence, 'signing_key', :signing_key_id, :at, :at);
