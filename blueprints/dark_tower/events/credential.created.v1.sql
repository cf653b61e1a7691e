INSERT INTO service_credentials (credential_id, client_id, service_type, region, secret_hash, expires_at,
                                 created_at, updated_at)
VALUES (:credential_id, :client_id, :service_type, COALESCE(:region, ''), :secret_hash, :expires_at, :at,
        :at);

INSERT INTO service_credential_scopes (credential_id, scope, created_at, updated_at)
SELECT :credential_id, s.scope, :at, :at FROM jsonb_array_elements_text(:scopes) AS s (scope);

INSERT INTO audit_index (sequence, resource_type, resource_id, created_at, updated_at)
VALUES (:sequence, 'credential', :credential_id, :at, :at);
