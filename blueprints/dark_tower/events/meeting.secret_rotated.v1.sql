-- expect 1: no open meeting :meeting_id
UPDATE meetings SET join_secret_hash = :join_secret_hash, updated_at = :at
WHERE meeting_id = :meeting_id AND status IN ('scheduled', 'active');

INSERT INTO audit_index (sequence, resource_type, resource_id, created_at, updated_at)
VALUES (:sequence, 'meeting', :meeting_id, :at, :at);
