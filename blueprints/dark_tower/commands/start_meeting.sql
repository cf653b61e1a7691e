-- Begins a scheduled meeting, with whoever starts it as its host.
-- check: no such organization
SELECT EXISTS (SELECT 1 FROM organization);

-- check: the organization is inactive
SELECT EXISTS (SELECT 1 FROM organization WHERE is_active);

-- check: no active user :user_id
SELECT EXISTS (SELECT 1 FROM users WHERE user_id = :user_id AND is_active AND deleted_at IS NULL);

-- check: no scheduled meeting :meeting_id
SELECT EXISTS (SELECT 1 FROM meetings WHERE meeting_id = :meeting_id AND status = 'scheduled');

-- check: :user_id neither created the meeting :meeting_id nor is an admin
SELECT EXISTS (SELECT 1 FROM meetings WHERE meeting_id = :meeting_id AND created_by = :user_id)
    OR EXISTS (SELECT 1 FROM user_roles WHERE user_id = :user_id AND role IN ('admin', 'org_admin'));

-- emit: meeting.started
SELECT :meeting_id AS meeting_id, :ip AS ip, :user_agent AS user_agent;

-- emit: participant.joined
SELECT COALESCE(:participant_id, new_uuid('participant')) AS participant_id, :meeting_id AS meeting_id,
       u.user_id, u.display_name, 'member' AS participant_type, 'host' AS role,
       COALESCE(:outbox_id, new_uuid('outbox')) AS outbox_id, :ip AS ip, :user_agent AS user_agent
FROM users u WHERE u.user_id = :user_id;
