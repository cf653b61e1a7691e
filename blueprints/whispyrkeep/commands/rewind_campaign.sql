-- Takes a campaign back to where it was after a turn; 0 is before the first.
-- check: no campaign :campaign_id
SELECT EXISTS (SELECT 1 FROM campaigns WHERE campaign_id = :campaign_id);

-- check: the turns of the campaign :campaign_id are archived: undo that first
SELECT EXISTS (SELECT 1 FROM campaigns WHERE campaign_id = :campaign_id AND archived_turns IS NULL);

-- check: the campaign :campaign_id has no turn after :turn_index
SELECT EXISTS (SELECT 1 FROM canonical_campaign_states WHERE campaign_id = :campaign_id AND turn_index > :turn_index);

-- emit: campaign.rewound
SELECT :campaign_id AS campaign_id, :turn_index AS turn_index;
