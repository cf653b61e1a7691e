INSERT INTO meeting_controllers (controller_id, region, endpoint, capacity, load, health, last_heartbeat_at,
                                 created_at, updated_at)
VALUES (:controller_id, :region, :endpoint, :capacity, 0, 'pending', :at, :at, :at);

INSERT INTO audit_index (sequence, resource_type, resource_id, created_at, updated_at)
VALUES (:sequence, 'controller', :controller_id, :at, :at);
