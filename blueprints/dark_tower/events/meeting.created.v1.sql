-- expect 1: limit reached: no place is left for the meeting :meeting_id
INSERT INTO meetings (meeting_id, created_by, display_name, meeting_code, join_secret_hash, allow_guests,
                      allow_external, waiting_room, encryption_required, recording_allowed, status,
                      scheduled_start_at, scheduled_end_at, created_at, updated_at)
SELECT :meeting_id, :created_by, :display_name, :meeting_code, :join_secret_hash, :allow_guests,
       :allow_external, :waiting_room, :encryption_required, :recording_allowed, 'scheduled',
       :scheduled_start_at, :scheduled_end_at, :at, :at
FROM meeting_places p WHERE p.taken < p.places;

INSERT INTO audit_index (sequence, resource_type, resource_id, created_at, updated_at)
VALUES (:sequence, 'meeting', :meeting_id, :at, :at);
