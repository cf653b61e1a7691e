-- name: organization :one
-- The organization of this ledger, with its plan and limits.
SELECT organization_id, subdomain, display_name, plan, max_concurrent_meetings, max_participants_per_meeting,
       retention_days, is_active, created_at, updated_at
FROM organization;

-- name: user_by_id :one
-- One user, without the password's hash.
SELECT user_id, email, display_name, is_active, last_login_at, created_at, updated_at
FROM users WHERE user_id = :user_id AND deleted_at IS NULL;

-- name: user_by_email :one
-- One user by an email in any spelling.
SELECT user_id, email, display_name, is_active, last_login_at, created_at, updated_at
FROM users WHERE email = lower(:email::text) AND deleted_at IS NULL;

-- name: users :many
-- The users by name, after one of them if a page before has been read.
SELECT user_id, email, display_name, is_active, last_login_at
FROM users
WHERE deleted_at IS NULL
  AND (display_name, user_id) > (COALESCE(:after_name::text, ''),
                                 COALESCE(:after_id::uuid, '00000000-0000-0000-0000-000000000000'::uuid))
ORDER BY display_name, user_id
LIMIT :rows::bigint;

-- name: roles_of_user :many
-- What a user may be.
SELECT role, granted_by, created_at FROM user_roles WHERE user_id = :user_id ORDER BY role;

-- name: users_of_role :many
-- Who has a role.
SELECT u.user_id, u.email, u.display_name, u.is_active, r.granted_by, r.created_at AS granted_at
FROM user_roles r JOIN users u ON u.user_id = r.user_id
WHERE r.role = :role AND u.deleted_at IS NULL
ORDER BY u.user_id;
