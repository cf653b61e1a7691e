INSERT INTO assignment_generations (meeting_id, region, generation, created_at, updated_at)
VALUES (:meeting_id, :region, 0, :at, :at)
ON CONFLICT (meeting_id, region) DO NOTHING;

-- expect 1: generation :generation does not follow the last one of the meeting :meeting_id in :region
UPDATE assignment_generations SET generation = :generation, updated_at = :at
WHERE meeting_id = :meeting_id AND region = :region AND generation = :generation - 1;

-- expect 1: no controller :controller_id with a free place in :region
UPDATE meeting_controllers SET load = load + 1, updated_at = :at
WHERE controller_id = :controller_id AND region = :region AND load < capacity;

UPDATE media_handlers SET load = load + 1, updated_at = :at WHERE handler_id = :handler_id;

INSERT INTO meeting_assignments (assignment_id, meeting_id, region, controller_id, handler_id, generation,
                                 status,
                                 renewed_at, created_at, updated_at)
VALUES (:assignment_id, :meeting_id, :region, :controller_id, :handler_id, :generation, 'active', :at, :at,
        :at);

INSERT INTO audit_index (sequence, resource_type, resource_id, created_at, updated_at)
VALUES (:sequence, 'assignment', :assignment_id, :at, :at);
