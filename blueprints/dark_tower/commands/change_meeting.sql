-- Changes name, time or settings of an open meeting; what is left out stays.
-- check: no such organization
SELECT EXISTS (SELECT 1 FROM organization);

-- check: the organization is inactive
SELECT EXISTS (SELECT 1 FROM organization WHERE is_active);

-- check: no open meeting :meeting_id
SELECT EXISTS (SELECT 1 FROM meetings WHERE meeting_id = :meeting_id AND status IN ('scheduled', 'active'));

-- check: the meeting would end before it begins
SELECT NOT EXISTS (SELECT 1 FROM meetings m WHERE m.meeting_id = :meeting_id
                   AND COALESCE(:scheduled_end_at, m.scheduled_end_at)
                       <= COALESCE(:scheduled_start_at, m.scheduled_start_at));

-- check: the meeting :meeting_id has begun: its start is past
SELECT :scheduled_start_at IS NULL
    OR EXISTS (SELECT 1 FROM meetings WHERE meeting_id = :meeting_id AND status = 'scheduled');

-- emit: meeting.changed
SELECT m.meeting_id, COALESCE(:display_name, m.display_name) AS display_name,
       COALESCE(:allow_guests, m.allow_guests) AS allow_guests,
       COALESCE(:allow_external, m.allow_external) AS allow_external,
       COALESCE(:waiting_room, m.waiting_room) AS waiting_room,
       COALESCE(:encryption_required, m.encryption_required) AS encryption_required,
       COALESCE(:recording_allowed, m.recording_allowed) AS recording_allowed,
       COALESCE(:scheduled_start_at, m.scheduled_start_at) AS scheduled_start_at,
       COALESCE(:scheduled_end_at, m.scheduled_end_at) AS scheduled_end_at, :ip AS ip,
       :user_agent AS user_agent
FROM meetings m WHERE m.meeting_id = :meeting_id;
