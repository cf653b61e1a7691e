INSERT INTO media_handlers (handler_id, region, endpoint, capacity, load, health, last_heartbeat_at,
                            created_at, updated_at)
VALUES (:handler_id, :region, :endpoint, :capacity, 0, 'pending', :at, :at, :at);

INSERT INTO audit_index (sequence, resource_type, resource_id, created_at, updated_at)
VALUES (:sequence, 'handler', :handler_id, :at, :at);
