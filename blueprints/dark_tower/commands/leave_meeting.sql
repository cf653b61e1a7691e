-- Records that a participant is gone.
-- check: no such organization
SELECT EXISTS (SELECT 1 FROM organization);

-- check: no participant :participant_id is present
SELECT EXISTS (SELECT 1 FROM participants WHERE participant_id = :participant_id AND left_at IS NULL);

-- check: stale generation :generation: another one leads this meeting in :region
SELECT :generation IS NULL
    OR EXISTS (SELECT 1 FROM meeting_assignments a JOIN participants p ON p.meeting_id = a.meeting_id
               WHERE p.participant_id = :participant_id AND a.region = :region AND a.status = 'active'
                 AND a.generation = :generation);

-- emit: participant.left
SELECT p.participant_id, p.meeting_id, COALESCE(:leave_reason, 'left') AS leave_reason,
       COALESCE(:outbox_id, new_uuid('outbox')) AS outbox_id, :ip AS ip, :user_agent AS user_agent
FROM participants p WHERE p.participant_id = :participant_id;
