-- Removes a campaign with its turns and the lore that they told.
-- check: no campaign :campaign_id
SELECT EXISTS (SELECT 1 FROM campaigns WHERE campaign_id = :campaign_id);

-- emit: campaign.deleted
SELECT :campaign_id AS campaign_id;
