-- expect 1: no open meeting :meeting_id
UPDATE meetings SET display_name = :display_name, allow_guests = :allow_guests,
       allow_external = :allow_external, waiting_room = :waiting_room,
       encryption_required = :encryption_required, recording_allowed = :recording_allowed,
       scheduled_start_at = :scheduled_start_at, scheduled_end_at = :scheduled_end_at, updated_at = :at
WHERE meeting_id = :meeting_id AND status IN ('scheduled', 'active');

INSERT INTO audit_index (sequence, resource_type, resource_id, created_at, updated_at)
VALUES (:sequence, 'meeting', :meeting_id, :at, :at);
