-- name: controllers_by_load :many
-- Controllers of a region that can take a meeting, the least loaded first: healthy, with room, heard of
-- since a time.
SELECT controller_id, endpoint, load, capacity, last_heartbeat_at
FROM meeting_controllers
WHERE region = :region AND health = 'healthy' AND load < capacity
  AND last_heartbeat_at >= :heard_since::timestamptz
ORDER BY load, controller_id
LIMIT :rows::bigint;

-- name: silent_controllers :many
-- Controllers of a region that were not heard of since a time and are not given up yet.
SELECT controller_id, endpoint, health, load, last_heartbeat_at
FROM meeting_controllers
WHERE region = :region AND health <> 'unhealthy' AND last_heartbeat_at < :silent_since::timestamptz
ORDER BY last_heartbeat_at, controller_id
LIMIT :rows::bigint;

-- name: handlers_by_load :many
-- Handlers of a region that can take a meeting, the least loaded first: healthy, with room, heard of since a
-- time.
SELECT handler_id, endpoint, load, capacity, last_heartbeat_at
FROM media_handlers
WHERE region = :region AND health = 'healthy' AND load < capacity
  AND last_heartbeat_at >= :heard_since::timestamptz
ORDER BY load, handler_id
LIMIT :rows::bigint;

-- name: silent_handlers :many
-- Handlers of a region that were not heard of since a time and are not given up yet.
SELECT handler_id, endpoint, health, load, last_heartbeat_at
FROM media_handlers
WHERE region = :region AND health <> 'unhealthy' AND last_heartbeat_at < :silent_since::timestamptz
ORDER BY last_heartbeat_at, handler_id
LIMIT :rows::bigint;

-- name: assignment_of_meeting :one
-- Who leads a meeting in a region, and by which generation.
SELECT a.assignment_id, a.generation, a.controller_id, c.endpoint AS controller_endpoint,
       c.health AS controller_health,
       a.handler_id, h.endpoint AS handler_endpoint, a.renewed_at
FROM meeting_assignments a
JOIN meeting_controllers c ON c.controller_id = a.controller_id
LEFT JOIN media_handlers h ON h.handler_id = a.handler_id
WHERE a.meeting_id = :meeting_id AND a.region = :region AND a.status = 'active';

-- name: assignments_of_meeting :many
-- Every assignment that a meeting ever had, in the order of generations.
SELECT assignment_id, region, generation, controller_id, handler_id, status, release_reason, created_at,
       released_at
FROM meeting_assignments WHERE meeting_id = :meeting_id
ORDER BY region, generation;

-- name: assignments_of_controller :many
-- What a controller leads.
SELECT assignment_id, meeting_id, region, generation, renewed_at
FROM meeting_assignments WHERE controller_id = :controller_id AND status = 'active'
ORDER BY assignment_id;

-- name: outbox_due :many
-- A batch of what is due: 100 at most.
SELECT x.outbox_id, x.kind, x.meeting_id, x.participant_id, p.display_name, p.role, x.attempts,
       x.next_attempt_at
FROM outbox x JOIN participants p ON p.participant_id = x.participant_id
WHERE x.status = 'pending' AND x.next_attempt_at <= now()
ORDER BY x.next_attempt_at, x.outbox_id
LIMIT 100;

-- name: outbox_failed :many
-- What was given up, the oldest first.
SELECT outbox_id, kind, meeting_id, participant_id, attempts, last_error, updated_at
FROM outbox WHERE status = 'failed'
ORDER BY updated_at, outbox_id
LIMIT :rows::bigint;
