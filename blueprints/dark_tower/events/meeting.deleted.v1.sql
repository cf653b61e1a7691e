-- expect 1: no ended or cancelled meeting :meeting_id
UPDATE meetings SET deleted_at = :at, updated_at = :at
WHERE meeting_id = :meeting_id AND status IN ('ended', 'cancelled') AND deleted_at IS NULL;

INSERT INTO audit_index (sequence, resource_type, resource_id, created_at, updated_at)
VALUES (:sequence, 'meeting', :meeting_id, :at, :at);
