-- expect 1: no such media handler :handler_id
UPDATE media_handlers SET last_heartbeat_at = :at, health = :health, updated_at = :at
WHERE handler_id = :handler_id;
