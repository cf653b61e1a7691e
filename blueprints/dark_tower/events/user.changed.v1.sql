-- expect 1: no such user :user_id
UPDATE users SET email = :email, display_name = :display_name, updated_at = :at
WHERE user_id = :user_id AND deleted_at IS NULL;

INSERT INTO audit_index (sequence, resource_type, resource_id, created_at, updated_at)
VALUES (:sequence, 'user', :user_id, :at, :at);
