-- Lets a user into an active meeting. A controller gives its region and generation.
-- check: no such organization
SELECT EXISTS (SELECT 1 FROM organization);

-- check: the organization is inactive
SELECT EXISTS (SELECT 1 FROM organization WHERE is_active);

-- check: no active user :user_id
SELECT EXISTS (SELECT 1 FROM users WHERE user_id = :user_id AND is_active AND deleted_at IS NULL);

-- check: no active meeting :meeting_id
SELECT EXISTS (SELECT 1 FROM meetings WHERE meeting_id = :meeting_id AND status = 'active');

-- check: stale generation :generation: another one leads the meeting :meeting_id in :region
SELECT :generation IS NULL
    OR EXISTS (SELECT 1 FROM meeting_assignments WHERE meeting_id = :meeting_id AND region = :region
               AND status = 'active' AND generation = :generation);

-- check: :user_id is present in the meeting :meeting_id already
SELECT NOT EXISTS (SELECT 1 FROM participants WHERE meeting_id = :meeting_id AND user_id = :user_id
                   AND left_at IS NULL);

-- check: limit reached: the meeting :meeting_id has as many participants as it may
SELECT (SELECT count(*) FROM participants WHERE meeting_id = :meeting_id AND left_at IS NULL)
       < (SELECT max_participants_per_meeting FROM organization);

-- emit: participant.joined
SELECT COALESCE(:participant_id, new_uuid('participant')) AS participant_id, m.meeting_id, u.user_id,
       u.display_name, 'member' AS participant_type,
       CASE WHEN m.created_by = u.user_id THEN 'host' ELSE 'participant' END AS role,
       COALESCE(:outbox_id, new_uuid('outbox')) AS outbox_id, :ip AS ip, :user_agent AS user_agent
FROM meetings m CROSS JOIN users u
WHERE m.meeting_id = :meeting_id AND u.user_id = :user_id;
