-- expect 1: handler :handler_id carries more than :capacity meetings of this organization
INSERT INTO media_handlers (handler_id, region, endpoint, capacity, load, health, last_heartbeat_at, is_published,
                                 created_at, updated_at)
VALUES (:handler_id, :region, :endpoint, :capacity, 0, 'pending', :at, true, :at, :at)
ON CONFLICT (handler_id) DO UPDATE SET region = excluded.region, endpoint = excluded.endpoint,
  capacity = excluded.capacity, is_published = true,
  health = CASE WHEN media_handlers.is_published THEN media_handlers.health ELSE 'pending' END
WHERE media_handlers.load <= excluded.capacity;

INSERT INTO audit_index (sequence, resource_type, resource_id, created_at, updated_at)
VALUES (:sequence, 'handler', :handler_id, :at, :at);
