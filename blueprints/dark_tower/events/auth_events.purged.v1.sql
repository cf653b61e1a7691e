DELETE FROM auth_events WHERE created_at < :before;

INSERT INTO audit_index (sequence, resource_type, resource_id, created_at, updated_at)
VALUES (:sequence, 'login', NULL, :at, :at);
