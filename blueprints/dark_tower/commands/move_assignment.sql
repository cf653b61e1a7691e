-- Replaces the controller of a meeting in a region. Who was replaced holds a stale generation from then on.
-- check: no such organization
SELECT EXISTS (SELECT 1 FROM organization);

-- check: the organization is inactive
SELECT EXISTS (SELECT 1 FROM organization WHERE is_active);

-- check: stale generation :generation: another one leads the meeting :meeting_id in :region, or none
SELECT EXISTS (SELECT 1 FROM meeting_assignments WHERE meeting_id = :meeting_id AND region = :region
               AND status = 'active' AND generation = :generation);

-- check: no healthy controller :controller_id in :region
SELECT EXISTS (SELECT 1 FROM meeting_controllers WHERE controller_id = :controller_id AND region = :region
               AND health IN ('healthy', 'degraded'));

-- check: the controller :controller_id leads the meeting :meeting_id already
SELECT NOT EXISTS (SELECT 1 FROM meeting_assignments WHERE meeting_id = :meeting_id AND region = :region
                   AND status = 'active' AND controller_id = :controller_id);

-- check: limit reached: the controller :controller_id leads as many meetings as it can
SELECT EXISTS (SELECT 1 FROM meeting_controllers WHERE controller_id = :controller_id AND load < capacity);

-- check: no healthy handler :handler_id in :region
SELECT :handler_id IS NULL
    OR EXISTS (SELECT 1 FROM media_handlers WHERE handler_id = :handler_id AND region = :region
               AND health IN ('healthy', 'degraded'));

-- check: limit reached: the handler :handler_id carries as many meetings as it can
SELECT :handler_id IS NULL
    OR EXISTS (SELECT 1 FROM media_handlers WHERE handler_id = :handler_id AND load < capacity)
    OR EXISTS (SELECT 1 FROM meeting_assignments WHERE meeting_id = :meeting_id AND region = :region
               AND status = 'active' AND handler_id = :handler_id);

-- emit: assignment.released
SELECT a.assignment_id, a.meeting_id, a.region, a.generation, 'moved' AS reason, :ip AS ip,
       :user_agent AS user_agent
FROM meeting_assignments a
WHERE a.meeting_id = :meeting_id AND a.region = :region AND a.generation = :generation;

-- emit: assignment.made
SELECT COALESCE(:assignment_id, new_uuid('assignment')) AS assignment_id, :meeting_id AS meeting_id,
       :region AS region, :controller_id AS controller_id, :handler_id AS handler_id,
       COALESCE((SELECT g.generation FROM assignment_generations g
                 WHERE g.meeting_id = :meeting_id AND g.region = :region), 0) + 1 AS generation, :ip AS ip,
                 :user_agent AS user_agent;
