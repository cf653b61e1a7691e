-- expect 1: no active meeting :meeting_id
UPDATE meetings SET status = 'ended', actual_end_at = :at, updated_at = :at
WHERE meeting_id = :meeting_id AND status = 'active';

UPDATE participants SET left_at = :at, leave_reason = 'meeting_ended', updated_at = :at
WHERE meeting_id = :meeting_id AND left_at IS NULL;

UPDATE outbox SET status = 'cancelled', updated_at = :at
WHERE meeting_id = :meeting_id AND status = 'pending';

UPDATE meeting_controllers SET updated_at = :at,
       load = load - (SELECT count(*) FROM meeting_assignments a
                      WHERE a.meeting_id = :meeting_id AND a.status = 'active'
                        AND a.controller_id = meeting_controllers.controller_id)
WHERE controller_id IN (SELECT a.controller_id FROM meeting_assignments a
                        WHERE a.meeting_id = :meeting_id AND a.status = 'active');

UPDATE media_handlers SET updated_at = :at,
       load = load - (SELECT count(*) FROM meeting_assignments a
                      WHERE a.meeting_id = :meeting_id AND a.status = 'active'
                        AND a.handler_id = media_handlers.handler_id)
WHERE handler_id IN (SELECT a.handler_id FROM meeting_assignments a
                     WHERE a.meeting_id = :meeting_id AND a.status = 'active');

UPDATE meeting_assignments SET status = 'released', released_at = :at, release_reason = 'meeting_ended',
       updated_at = :at
WHERE meeting_id = :meeting_id AND status = 'active';

INSERT INTO audit_index (sequence, resource_type, resource_id, created_at, updated_at)
VALUES (:sequence, 'meeting', :meeting_id, :at, :at);
