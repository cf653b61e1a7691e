-- Gives a present participant another role; only a member can be host.
-- check: no such organization
SELECT EXISTS (SELECT 1 FROM organization);

-- check: the organization is inactive
SELECT EXISTS (SELECT 1 FROM organization WHERE is_active);

-- check: no participant :participant_id is present
SELECT EXISTS (SELECT 1 FROM participants WHERE participant_id = :participant_id AND left_at IS NULL);

-- check: :participant_id is no member and can't be host
SELECT :role <> 'host' OR EXISTS (SELECT 1 FROM participants WHERE participant_id = :participant_id
                                   AND participant_type = 'member');

-- emit: participant.role_changed
SELECT :participant_id AS participant_id, :role AS role, :ip AS ip, :user_agent AS user_agent;
