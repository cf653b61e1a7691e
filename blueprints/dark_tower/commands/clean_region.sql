-- Gives up the controllers and handlers of one region that have been silent since a time, and releases what
-- lost controllers led. At most 1,000 of each at once; no other region is touched.
-- check: no such organization
SELECT EXISTS (SELECT 1 FROM organization);

-- check: a node that was heard of in the last 5 seconds is not silent
SELECT :silent_since <= now() - interval '5 seconds';

-- emit: controller.health_changed
SELECT c.controller_id, 'unhealthy' AS health, 'no heartbeat' AS reason
FROM meeting_controllers c WHERE c.region = :region AND c.health <> 'unhealthy'
     AND c.last_heartbeat_at < :silent_since
ORDER BY c.controller_id LIMIT 1000;

-- emit: handler.health_changed
SELECT c.handler_id, 'unhealthy' AS health, 'no heartbeat' AS reason
FROM media_handlers c WHERE c.region = :region AND c.health <> 'unhealthy'
     AND c.last_heartbeat_at < :silent_since
ORDER BY c.handler_id LIMIT 1000;

-- emit: assignment.released
SELECT a.assignment_id, a.meeting_id, a.region, a.generation, 'controller_lost' AS reason
FROM meeting_controllers c
JOIN meeting_assignments a ON a.controller_id = c.controller_id AND a.status = 'active'
WHERE c.region = :region AND (c.health = 'unhealthy' OR c.last_heartbeat_at < :silent_since)
ORDER BY a.assignment_id LIMIT 1000;
