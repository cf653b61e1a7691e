-- name: meeting_by_id :one
-- One meeting with its settings.
SELECT meeting_id, created_by, display_name, meeting_code, join_secret_hash, allow_guests, allow_external,
       waiting_room, encryption_required, recording_allowed, status, scheduled_start_at, scheduled_end_at,
       actual_start_at, actual_end_at, deleted_at, created_at, updated_at
FROM meetings WHERE meeting_id = :meeting_id;

-- name: meeting_by_code :one
-- The meeting of a code, for who wants to join it.
SELECT meeting_id, display_name, join_secret_hash, allow_guests, allow_external, waiting_room,
       encryption_required, status, scheduled_start_at, scheduled_end_at
FROM meetings WHERE meeting_code = :meeting_code AND deleted_at IS NULL;

-- name: meetings_of_user :many
-- The meetings that a user created, the newest first; those before a time if a page has been read.
SELECT meeting_id, display_name, meeting_code, status, scheduled_start_at, scheduled_end_at, actual_start_at,
       actual_end_at, created_at
FROM meetings
WHERE created_by = :user_id AND created_at < COALESCE(:before::timestamptz,
  '9999-12-31T00:00:00Z'::timestamptz)
  AND deleted_at IS NULL
ORDER BY created_at DESC, meeting_id DESC
LIMIT :rows::bigint;

-- name: upcoming_meetings :many
-- Meetings that begin within a stretch of time and have not begun.
SELECT meeting_id, created_by, display_name, meeting_code, scheduled_start_at, scheduled_end_at
FROM meetings
WHERE status = 'scheduled' AND scheduled_start_at >= :since::timestamptz
  AND scheduled_start_at < :until::timestamptz
ORDER BY scheduled_start_at, meeting_id
LIMIT :rows::bigint;

-- name: active_meetings :many
-- What takes place now, with how many are present. There are as many as the organization's limit at most.
SELECT m.meeting_id, m.created_by, m.display_name, m.meeting_code, m.actual_start_at,
       (SELECT count(*) FROM participants p WHERE p.meeting_id = m.meeting_id
       AND p.left_at IS NULL) AS present
FROM meetings m
WHERE m.status = 'active'
ORDER BY m.actual_start_at, m.meeting_id;

-- name: participants_present :many
-- Who is in a meeting, in the order of joining.
SELECT participant_id, user_id, display_name, participant_type, role, connection_quality, joined_at
FROM participants
WHERE meeting_id = :meeting_id AND left_at IS NULL
ORDER BY joined_at, participant_id;

-- name: roster :many
-- Everybody who is or was in a meeting, with each stay.
SELECT p.participant_id, p.user_id, u.email, p.display_name, p.participant_type, p.role, p.joined_at,
       p.left_at,
       p.leave_reason
FROM participants p LEFT JOIN users u ON u.user_id = p.user_id
WHERE p.meeting_id = :meeting_id
ORDER BY p.joined_at, p.participant_id;

-- name: stays_of_user :many
-- The meetings that a user was in, the latest first.
SELECT p.meeting_id, m.display_name, p.role, p.joined_at, p.left_at, p.leave_reason
FROM participants p JOIN meetings m ON m.meeting_id = p.meeting_id
WHERE p.user_id = :user_id
ORDER BY p.joined_at DESC, p.participant_id DESC
LIMIT :rows::bigint;
