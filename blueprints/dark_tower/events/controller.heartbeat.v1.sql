-- expect 1: no such meeting controller :controller_id
UPDATE meeting_controllers SET last_heartbeat_at = :at, health = :health, updated_at = :at
WHERE controller_id = :controller_id;
