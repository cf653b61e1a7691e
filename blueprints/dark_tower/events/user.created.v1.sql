INSERT INTO users (user_id, email, password_hash, display_name, is_active, created_at, updated_at)
VALUES (:user_id, :email, :password_hash, :display_name, true, :at, :at);

INSERT INTO audit_index (sequence, resource_type, resource_id, created_at, updated_at)
VALUES (:sequence, 'user', :user_id, :at, :at);
