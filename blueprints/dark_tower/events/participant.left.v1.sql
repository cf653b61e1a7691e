-- expect 1: :participant_id is not present in the meeting :meeting_id
UPDATE participants SET left_at = :at, leave_reason = :leave_reason, updated_at = :at
WHERE participant_id = :participant_id AND meeting_id = :meeting_id AND left_at IS NULL;

INSERT INTO outbox (outbox_id, kind, meeting_id, participant_id, status, attempts, next_attempt_at,
                    created_at,
                    updated_at)
VALUES (:outbox_id, 'peer_left', :meeting_id, :participant_id, 'pending', 0, :at, :at, :at);

INSERT INTO audit_index (sequence, resource_type, resource_id, created_at, updated_at)
VALUES (:sequence, 'participant', :participant_id, :at, :at);
