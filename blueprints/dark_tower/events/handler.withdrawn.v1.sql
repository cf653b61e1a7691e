-- expect 1: handler :handler_id is no published one
UPDATE media_handlers SET health = 'draining', is_published = false
WHERE handler_id = :handler_id AND is_published;

INSERT INTO audit_index (sequence, resource_type, resource_id, created_at, updated_at)
VALUES (:sequence, 'handler', :handler_id, :at, :at);
