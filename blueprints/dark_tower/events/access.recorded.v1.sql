INSERT INTO audit_index (sequence, resource_type, resource_id, created_at, updated_at)
VALUES (:sequence, :resource_type, :resource_id, :at, :at);
