DELETE FROM outbox WHERE meeting_id = :meeting_id;

DELETE FROM meeting_assignments WHERE meeting_id = :meeting_id;

DELETE FROM assignment_generations WHERE meeting_id = :meeting_id;

DELETE FROM participants WHERE meeting_id = :meeting_id;

-- expect 1: no deleted meeting :meeting_id
DELETE FROM meetings WHERE meeting_id = :meeting_id AND deleted_at IS NOT NULL;

INSERT INTO audit_index (sequence, resource_type, resource_id, created_at, updated_at)
VALUES (:sequence, 'meeting', :meeting_id, :at, :at);
