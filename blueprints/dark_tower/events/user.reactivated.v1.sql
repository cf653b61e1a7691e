-- expect 1: no inactive user :user_id
UPDATE users SET is_active = true, updated_at = :at
WHERE user_id = :user_id AND deleted_at IS NULL AND NOT is_active;

INSERT INTO audit_index (sequence, resource_type, resource_id, created_at, updated_at)
VALUES (:sequence, 'user', :user_id, :at, :at);
