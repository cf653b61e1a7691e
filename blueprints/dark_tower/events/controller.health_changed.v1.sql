-- expect 1: no such meeting controller :controller_id
UPDATE meeting_controllers SET health = :health, updated_at = :at WHERE controller_id = :controller_id;

INSERT INTO audit_index (sequence, resource_type, resource_id, created_at, updated_at)
VALUES (:sequence, 'controller', :controller_id, :at, :at);
