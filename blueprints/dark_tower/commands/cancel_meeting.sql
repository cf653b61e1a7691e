-- Calls a scheduled meeting off, and frees its place.
-- check: no such organization
SELECT EXISTS (SELECT 1 FROM organization);

-- check: no scheduled meeting :meeting_id
SELECT EXISTS (SELECT 1 FROM meetings WHERE meeting_id = :meeting_id AND status = 'scheduled');

-- emit: meeting.cancelled
SELECT :meeting_id AS meeting_id, COALESCE(:reason, 'cancelled') AS reason, :ip AS ip,
       :user_agent AS user_agent;
