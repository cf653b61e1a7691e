INSERT INTO user_roles (user_id, role, granted_by, created_at, updated_at)
VALUES (:user_id, :role, :actor, :at, :at);

INSERT INTO audit_index (sequence, resource_type, resource_id, created_at, updated_at)
VALUES (:sequence, 'user', :user_id, :at, :at);
