-- expect 1: no active user :user_id
UPDATE users SET is_active = false, updated_at = :at
WHERE user_id = :user_id AND deleted_at IS NULL AND is_active;

INSERT INTO audit_index (sequence, resource_type, resource_id, created_at, updated_at)
VALUES (:sequence, 'user', :user_id, :at, :at);
