-- expect 1: :participant_id is not present
UPDATE participants SET connection_quality = :connection_quality, updated_at = :at
WHERE participant_id = :participant_id AND left_at IS NULL;
