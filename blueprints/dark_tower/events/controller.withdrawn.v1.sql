-- expect 1: controller :controller_id is no published one
UPDATE meeting_controllers SET health = 'draining', is_published = false
WHERE controller_id = :controller_id AND is_published;

INSERT INTO audit_index (sequence, resource_type, resource_id, created_at, updated_at)
VALUES (:sequence, 'controller', :controller_id, :at, :at);
