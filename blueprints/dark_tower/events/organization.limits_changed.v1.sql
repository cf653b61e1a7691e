-- expect 1: no such organization :organization_id
UPDATE organization SET max_concurrent_meetings = :max_concurrent_meetings,
       max_participants_per_meeting = :max_participants_per_meeting, retention_days = :retention_days,
       updated_at = :at
WHERE singleton = 1 AND organization_id = :organization_id;

INSERT INTO audit_index (sequence, resource_type, resource_id, created_at, updated_at)
VALUES (:sequence, 'organization', :organization_id, :at, :at);
