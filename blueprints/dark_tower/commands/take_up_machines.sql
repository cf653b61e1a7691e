-- Follows the published list of machines, in the version that this ledger pinned: those that are new or changed,
-- and those that are on it no more. To be repeated until it does nothing.
-- check: no such organization
SELECT EXISTS (SELECT 1 FROM organization);

-- check: the organization is inactive
SELECT EXISTS (SELECT 1 FROM organization WHERE is_active);

-- emit: controller.withdrawn
SELECT m.controller_id, :ip AS ip, :user_agent AS user_agent FROM meeting_controllers m
WHERE m.is_published AND NOT EXISTS (SELECT 1 FROM controllers p WHERE p.controller_id = m.controller_id)
ORDER BY m.controller_id LIMIT 1000;

-- emit: controller.published
SELECT p.controller_id, p.region, p.endpoint, p.capacity, :ip AS ip, :user_agent AS user_agent FROM controllers p
WHERE NOT EXISTS (SELECT 1 FROM meeting_controllers m
                  WHERE m.controller_id = p.controller_id AND m.is_published AND m.region = p.region
                    AND m.endpoint = p.endpoint AND m.capacity = p.capacity)
ORDER BY p.controller_id LIMIT 1000;

-- emit: handler.withdrawn
SELECT m.handler_id, :ip AS ip, :user_agent AS user_agent FROM media_handlers m
WHERE m.is_published AND NOT EXISTS (SELECT 1 FROM handlers p WHERE p.handler_id = m.handler_id)
ORDER BY m.handler_id LIMIT 1000;

-- emit: handler.published
SELECT p.handler_id, p.region, p.endpoint, p.capacity, :ip AS ip, :user_agent AS user_agent FROM handlers p
WHERE NOT EXISTS (SELECT 1 FROM media_handlers m
                  WHERE m.handler_id = p.handler_id AND m.is_published AND m.region = p.region
                    AND m.endpoint = p.endpoint AND m.capacity = p.capacity)
ORDER BY p.handler_id LIMIT 1000;
