-- Records a participant's connection quality when it has changed.
-- check: no such organization
SELECT EXISTS (SELECT 1 FROM organization);

-- check: no participant :participant_id is present
SELECT EXISTS (SELECT 1 FROM participants WHERE participant_id = :participant_id AND left_at IS NULL);

-- emit: participant.quality_changed
SELECT p.participant_id, :connection_quality AS connection_quality
FROM participants p
WHERE p.participant_id = :participant_id AND p.connection_quality <> :connection_quality;
