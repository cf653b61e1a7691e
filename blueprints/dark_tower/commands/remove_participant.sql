-- Puts a participant out of the meeting, which a host or an admin may do.
-- check: no such organization
SELECT EXISTS (SELECT 1 FROM organization);

-- check: no participant :participant_id is present
SELECT EXISTS (SELECT 1 FROM participants WHERE participant_id = :participant_id AND left_at IS NULL);

-- check: :removed_by is neither a present host of this meeting nor an admin
SELECT EXISTS (SELECT 1 FROM participants p JOIN participants h ON h.meeting_id = p.meeting_id
               WHERE p.participant_id = :participant_id AND h.user_id = :removed_by AND h.role = 'host'
                 AND h.left_at IS NULL)
    OR EXISTS (SELECT 1 FROM user_roles r JOIN users u ON u.user_id = r.user_id
               WHERE r.user_id = :removed_by AND r.role IN ('admin', 'org_admin') AND u.is_active
                 AND u.deleted_at IS NULL);

-- emit: participant.left
SELECT p.participant_id, p.meeting_id, 'removed' AS leave_reason,
       COALESCE(:outbox_id, new_uuid('outbox')) AS outbox_id, :ip AS ip, :user_agent AS user_agent
FROM participants p WHERE p.participant_id = :participant_id;
