-- Lets a campaign rest, go on or end.
-- check: no campaign :campaign_id
SELECT EXISTS (SELECT 1 FROM campaigns WHERE campaign_id = :campaign_id);

-- check: the campaign :campaign_id has ended
SELECT EXISTS (SELECT 1 FROM campaigns WHERE campaign_id = :campaign_id AND status <> 'ended');

-- emit: campaign.status_changed
SELECT :campaign_id AS campaign_id, :status AS status;
