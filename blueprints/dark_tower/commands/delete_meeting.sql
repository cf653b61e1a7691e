-- Deletes a meeting that is over.
-- check: no such organization
SELECT EXISTS (SELECT 1 FROM organization);

-- check: no ended or cancelled meeting :meeting_id
SELECT EXISTS (SELECT 1 FROM meetings WHERE meeting_id = :meeting_id AND status IN ('ended', 'cancelled')
               AND deleted_at IS NULL);

-- emit: meeting.deleted
SELECT :meeting_id AS meeting_id, :ip AS ip, :user_agent AS user_agent;
