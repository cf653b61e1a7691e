-- expect 1: :user_id does not have the role :role
DELETE FROM user_roles WHERE user_id = :user_id AND role = :role;

INSERT INTO audit_index (sequence, resource_type, resource_id, created_at, updated_at)
VALUES (:sequence, 'user', :user_id, :at, :at);
