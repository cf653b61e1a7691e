-- expect 1: no scheduled meeting :meeting_id
UPDATE meetings SET status = 'active', actual_start_at = :at, updated_at = :at
WHERE meeting_id = :meeting_id AND status = 'scheduled';

INSERT INTO audit_index (sequence, resource_type, resource_id, created_at, updated_at)
VALUES (:sequence, 'meeting', :meeting_id, :at, :at);
