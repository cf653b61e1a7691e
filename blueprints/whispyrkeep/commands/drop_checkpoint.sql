-- Drops a checkpoint. Nothing depends on it but the time that an earlier state takes.
-- check: no checkpoint of the turn :turn_index
SELECT EXISTS (SELECT 1 FROM campaign_checkpoints WHERE campaign_id = :campaign_id AND turn_index = :turn_index);

-- emit: checkpoint.dropped
SELECT :campaign_id AS campaign_id, :turn_index AS turn_index;
