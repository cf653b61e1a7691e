INSERT INTO auth_events (auth_event_id, kind, outcome, subject_hash, user_id, credential_id, failure_reason,
                         ip,
                         user_agent, created_at, updated_at)
VALUES (:event_id, :kind, 'failure', :subject_hash, :user_id, :credential_id, :reason, :ip, :user_agent, :at,
        :at);

INSERT INTO audit_index (sequence, resource_type, resource_id, created_at, updated_at)
VALUES (:sequence, 'login', COALESCE(:user_id, :credential_id), :at, :at);
