DELETE FROM outbox WHERE participant_id IN (SELECT p.participant_id FROM participants p
                                              WHERE p.user_id = :user_id);

DELETE FROM participants WHERE user_id = :user_id;

DELETE FROM auth_events WHERE user_id = :user_id;

DELETE FROM user_roles WHERE user_id = :user_id;

-- expect 1: no deleted user :user_id
DELETE FROM users WHERE user_id = :user_id AND deleted_at IS NOT NULL;

INSERT INTO audit_index (sequence, resource_type, resource_id, created_at, updated_at)
VALUES (:sequence, 'user', :user_id, :at, :at);
