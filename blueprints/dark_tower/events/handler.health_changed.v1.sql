-- expect 1: no such media handler :handler_id
UPDATE media_handlers SET health = :health, updated_at = :at WHERE handler_id = :handler_id;

INSERT INTO audit_index (sequence, resource_type, resource_id, created_at, updated_at)
VALUES (:sequence, 'handler', :handler_id, :at, :at);
