-- expect 1: :outbox_id was not given up
UPDATE outbox SET status = 'pending', attempts = 0, next_attempt_at = :at, updated_at = :at
WHERE outbox_id = :outbox_id AND status = 'failed';

INSERT INTO audit_index (sequence, resource_type, resource_id, created_at, updated_at)
VALUES (:sequence, 'outbox', :outbox_id, :at, :at);
