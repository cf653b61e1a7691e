DELETE FROM outbox WHERE status <> 'pending' AND updated_at < :before;

INSERT INTO audit_index (sequence, resource_type, resource_id, created_at, updated_at)
VALUES (:sequence, 'outbox', NULL, :at, :at);
