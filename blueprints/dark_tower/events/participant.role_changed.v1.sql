-- expect 1: :participant_id is not present
UPDATE participants SET role = :role, updated_at = :at
WHERE participant_id = :participant_id AND left_at IS NULL;

INSERT INTO audit_index (sequence, resource_type, resource_id, created_at, updated_at)
VALUES (:sequence, 'participant', :participant_id, :at, :at);
