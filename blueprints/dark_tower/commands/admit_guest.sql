-- Lets somebody who is no user of the organization into an active meeting that allows it.
-- check: no such organization
SELECT EXISTS (SELECT 1 FROM organization);

-- check: the organization is inactive
SELECT EXISTS (SELECT 1 FROM organization WHERE is_active);

-- check: no active meeting :meeting_id
SELECT EXISTS (SELECT 1 FROM meetings WHERE meeting_id = :meeting_id AND status = 'active');

-- check: stale generation :generation: another one leads the meeting :meeting_id in :region
SELECT :generation IS NULL
    OR EXISTS (SELECT 1 FROM meeting_assignments WHERE meeting_id = :meeting_id AND region = :region
               AND status = 'active' AND generation = :generation);

-- check: the meeting :meeting_id is closed to guests
SELECT COALESCE(:participant_type, 'guest') <> 'guest'
    OR EXISTS (SELECT 1 FROM meetings WHERE meeting_id = :meeting_id AND allow_guests);

-- check: the meeting :meeting_id is closed to users of other organizations
SELECT COALESCE(:participant_type, 'guest') <> 'external'
    OR EXISTS (SELECT 1 FROM meetings WHERE meeting_id = :meeting_id AND allow_external);

-- check: this guest is present in the meeting :meeting_id already
SELECT NOT EXISTS (SELECT 1 FROM participants WHERE meeting_id = :meeting_id
                   AND guest_token_hash = :guest_token_hash AND left_at IS NULL);

-- check: limit reached: the meeting :meeting_id has as many participants as it may
SELECT (SELECT count(*) FROM participants WHERE meeting_id = :meeting_id AND left_at IS NULL)
       < (SELECT max_participants_per_meeting FROM organization);

-- emit: participant.joined
SELECT COALESCE(:participant_id, new_uuid('participant')) AS participant_id, :meeting_id AS meeting_id,
       :guest_token_hash AS guest_token_hash, :display_name AS display_name,
       COALESCE(:participant_type, 'guest') AS participant_type,
       CASE WHEN :participant_type = 'external' THEN 'participant' ELSE 'guest' END AS role,
       COALESCE(:outbox_id, new_uuid('outbox')) AS outbox_id, :ip AS ip, :user_agent AS user_agent;
