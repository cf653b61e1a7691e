-- expect 1: the meeting :meeting_id is not active, or its limit reached
INSERT INTO participants (participant_id, meeting_id, user_id, guest_token_hash, display_name,
                          participant_type, role, joined_at, created_at, updated_at)
SELECT :participant_id, m.meeting_id, :user_id, :guest_token_hash, :display_name, :participant_type, :role,
       :at, :at, :at
FROM meetings m CROSS JOIN organization o
WHERE m.meeting_id = :meeting_id AND m.status = 'active' AND o.singleton = 1
  AND (SELECT count(*) FROM participants p WHERE p.meeting_id = :meeting_id AND p.left_at IS NULL)
      < o.max_participants_per_meeting;

INSERT INTO outbox (outbox_id, kind, meeting_id, participant_id, status, attempts, next_attempt_at,
                    created_at,
                    updated_at)
VALUES (:outbox_id, 'peer_joined', :meeting_id, :participant_id, 'pending', 0, :at, :at, :at);

INSERT INTO audit_index (sequence, resource_type, resource_id, created_at, updated_at)
VALUES (:sequence, 'participant', :participant_id, :at, :at);
