-- Puts away the turns of a campaign that has ended.
-- check: no campaign :campaign_id
SELECT EXISTS (SELECT 1 FROM campaigns WHERE campaign_id = :campaign_id);

-- check: the campaign :campaign_id has not ended
SELECT EXISTS (SELECT 1 FROM campaigns WHERE campaign_id = :campaign_id AND status = 'ended');

-- check: the turns of the campaign :campaign_id are archived already
SELECT EXISTS (SELECT 1 FROM campaigns WHERE campaign_id = :campaign_id AND archived_turns IS NULL);

-- check: the campaign :campaign_id has no turns
SELECT EXISTS (SELECT 1 FROM turn_events WHERE campaign_id = :campaign_id);

-- emit: campaign.archived
SELECT :campaign_id AS campaign_id;
