INSERT INTO auth_events (auth_event_id, kind, outcome, subject_hash, user_id, credential_id, ip, user_agent,
                         created_at, updated_at)
VALUES (:event_id, :kind, 'success', :subject_hash, :user_id, :credential_id, :ip, :user_agent, :at, :at);

UPDATE users SET last_login_at = :at, updated_at = :at WHERE user_id = :user_id AND :kind = 'login';

UPDATE service_credentials SET last_used_at = :at, updated_at = :at WHERE credential_id = :credential_id;

INSERT INTO audit_index (sequence, resource_type, resource_id, created_at, updated_at)
VALUES (:sequence, 'login', COALESCE(:user_id, :credential_id), :at, :at);
