-- Ends an active meeting for everybody, and frees its place.
-- check: no such organization
SELECT EXISTS (SELECT 1 FROM organization);

-- check: no active meeting :meeting_id
SELECT EXISTS (SELECT 1 FROM meetings WHERE meeting_id = :meeting_id AND status = 'active');

-- emit: meeting.ended
SELECT :meeting_id AS meeting_id, COALESCE(:reason, 'ended') AS reason, :ip AS ip, :user_agent AS user_agent;
