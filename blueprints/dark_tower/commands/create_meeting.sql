-- Schedules a meeting, by default for now. It holds one of the places of the organization.
-- check: no such organization
SELECT EXISTS (SELECT 1 FROM organization);

-- check: the organization is inactive
SELECT EXISTS (SELECT 1 FROM organization WHERE is_active);

-- check: no active user :created_by
SELECT EXISTS (SELECT 1 FROM users WHERE user_id = :created_by AND is_active AND deleted_at IS NULL);

-- check: the code :meeting_code is taken
SELECT NOT EXISTS (SELECT 1 FROM meetings WHERE meeting_code = :meeting_code);

-- check: there is a meeting :meeting_id already
SELECT :meeting_id IS NULL OR NOT EXISTS (SELECT 1 FROM meetings WHERE meeting_id = :meeting_id);

-- check: the meeting would end before it begins
SELECT :scheduled_end_at IS NULL OR :scheduled_end_at > COALESCE(:scheduled_start_at, now());

-- check: limit reached: the organization holds as many open meetings as it may
SELECT p.taken < p.places FROM meeting_places p LIMIT 1;

-- emit: meeting.created
SELECT COALESCE(:meeting_id, new_uuid('meeting')) AS meeting_id, :created_by AS created_by,
       :display_name AS display_name, :meeting_code AS meeting_code, :join_secret_hash AS join_secret_hash,
       COALESCE(:allow_guests, false) AS allow_guests, COALESCE(:allow_external, false) AS allow_external,
       COALESCE(:waiting_room, true) AS waiting_room,
       COALESCE(:encryption_required, true) AS encryption_required,
       COALESCE(:recording_allowed, false) AS recording_allowed,
       COALESCE(:scheduled_start_at, now()) AS scheduled_start_at, :scheduled_end_at AS scheduled_end_at,
       :ip AS ip, :user_agent AS user_agent;
