DELETE FROM outbox;

DELETE FROM meeting_assignments;

DELETE FROM assignment_generations;

DELETE FROM media_handlers;

DELETE FROM meeting_controllers;

DELETE FROM signing_keys;

DELETE FROM auth_events;

DELETE FROM service_credential_scopes;

DELETE FROM service_credentials;

DELETE FROM participants;

DELETE FROM meetings;

DELETE FROM user_roles;

DELETE FROM users;

-- expect 1: no suspended organization :organization_id
DELETE FROM organization WHERE singleton = 1 AND organization_id = :organization_id AND NOT is_active;

INSERT INTO audit_index (sequence, resource_type, resource_id, created_at, updated_at)
VALUES (:sequence, 'organization', :organization_id, :at, :at);
