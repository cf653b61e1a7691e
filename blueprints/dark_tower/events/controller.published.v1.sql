-- expect 1: controller :controller_id carries more than :capacity meetings of this organization
INSERT INTO meeting_controllers (controller_id, region, endpoint, capacity, load, health, last_heartbeat_at, is_published,
                                 created_at, updated_at)
VALUES (:controller_id, :region, :endpoint, :capacity, 0, 'pending', :at, true, :at, :at)
ON CONFLICT (controller_id) DO UPDATE SET region = excluded.region, endpoint = excluded.endpoint,
  capacity = excluded.capacity, is_published = true,
  health = CASE WHEN meeting_controllers.is_published THEN meeting_controllers.health ELSE 'pending' END
WHERE meeting_controllers.load <= excluded.capacity;

INSERT INTO audit_index (sequence, resource_type, resource_id, created_at, updated_at)
VALUES (:sequence, 'controller', :controller_id, :at, :at);
