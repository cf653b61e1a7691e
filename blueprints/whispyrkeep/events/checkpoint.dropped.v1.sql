-- expect 1: no checkpoint of the turn :turn_index
DELETE FROM campaign_checkpoints WHERE campaign_id = :campaign_id AND turn_index = :turn_index;
