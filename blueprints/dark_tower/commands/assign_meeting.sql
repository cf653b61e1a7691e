-- Gives an open meeting a controller in a region, and the next generation with it.
-- check: no such organization
SELECT EXISTS (SELECT 1 FROM organization);

-- check: the organization is inactive
SELECT EXISTS (SELECT 1 FROM organization WHERE is_active);

-- check: no open meeting :meeting_id
SELECT EXISTS (SELECT 1 FROM meetings WHERE meeting_id = :meeting_id AND status IN ('scheduled', 'active'));

-- check: the meeting :meeting_id is assigned in :region already
SELECT NOT EXISTS (SELECT 1 FROM meeting_assignments WHERE meeting_id = :meeting_id AND region = :region
                   AND status = 'active');

-- check: no healthy controller :controller_id in :region
SELECT EXISTS (SELECT 1 FROM meeting_controllers WHERE controller_id = :controller_id AND region = :region
               AND health IN ('healthy', 'degraded'));

-- check: limit reached: the controller :controller_id leads as many meetings as it can
SELECT EXISTS (SELECT 1 FROM meeting_controllers WHERE controller_id = :controller_id AND load < capacity);

-- check: no healthy handler :handler_id in :region
SELECT :handler_id IS NULL
    OR EXISTS (SELECT 1 FROM media_handlers WHERE handler_id = :handler_id AND region = :region
               AND health IN ('healthy', 'degraded'));

-- check: limit reached: the handler :handler_id carries as many meetings as it can
SELECT :handler_id IS NULL
    OR EXISTS (SELECT 1 FROM media_handlers WHERE handler_id = :handler_id AND load < capacity);

-- emit: assignment.made
SELECT COALESCE(:assignment_id, new_uuid('assignment')) AS assignment_id, :meeting_id AS meeting_id,
       :region AS region, :controller_id AS controller_id, :handler_id AS handler_id,
       COALESCE((SELECT g.generation FROM assignment_generations g
                 WHERE g.meeting_id = :meeting_id AND g.region = :region), 0) + 1 AS generation, :ip AS ip,
                 :user_agent AS user_agent;
