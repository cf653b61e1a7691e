-- Stores the hash of another secret of an open meeting.
-- check: no such organization
SELECT EXISTS (SELECT 1 FROM organization);

-- check: the organization is inactive
SELECT EXISTS (SELECT 1 FROM organization WHERE is_active);

-- check: no open meeting :meeting_id
SELECT EXISTS (SELECT 1 FROM meetings WHERE meeting_id = :meeting_id AND status IN ('scheduled', 'active'));

-- emit: meeting.secret_rotated
SELECT :meeting_id AS meeting_id, :join_secret_hash AS join_secret_hash, :ip AS ip, :user_agent AS user_agent;
