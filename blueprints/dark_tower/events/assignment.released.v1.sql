-- expect 1: stale generation :generation: the assignment :assignment_id is not active with it
UPDATE meeting_assignments SET status = 'released', released_at = :at, release_reason = :reason,
       updated_at = :at
WHERE assignment_id = :assignment_id AND meeting_id = :meeting_id AND region = :region
  AND generation = :generation AND status = 'active';

UPDATE meeting_controllers SET load = load - 1, updated_at = :at
WHERE controller_id IN (SELECT a.controller_id FROM meeting_assignments a
                        WHERE a.assignment_id = :assignment_id);

UPDATE media_handlers SET load = load - 1, updated_at = :at
WHERE handler_id IN (SELECT a.handler_id FROM meeting_assignments a
                     WHERE a.assignment_id = :assignment_id);

INSERT INTO audit_index (sequence, resource_type, resource_id, created_at, updated_at)
VALUES (:sequence, 'assignment', :assignment_id, :at, :at);
