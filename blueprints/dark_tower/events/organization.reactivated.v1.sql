-- expect 1: no suspended organization :organization_id
UPDATE organization SET is_active = true, updated_at = :at
WHERE singleton = 1 AND organization_id = :organization_id AND NOT is_active;

INSERT INTO audit_index (sequence, resource_type, resource_id, created_at, updated_at)
VALUES (:sequence, 'organization', :organization_id, :at, :at);
