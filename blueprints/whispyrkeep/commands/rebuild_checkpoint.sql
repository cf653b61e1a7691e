-- Reckons the state after a turn anew and keeps it as a checkpoint.
-- check: no turn :turn_index of the campaign :campaign_id
SELECT EXISTS (SELECT 1 FROM turn_events WHERE campaign_id = :campaign_id AND turn_index = :turn_index);

-- emit: checkpoint.rebuilt
SELECT :campaign_id AS campaign_id, :turn_index AS turn_index;
