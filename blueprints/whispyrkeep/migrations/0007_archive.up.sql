-- Turns of a campaign that was over for long and was put away: how many they were. NULL: they are here.
ALTER TABLE campaigns ADD COLUMN archived_turns integer CHECK (archived_turns >= 1);
CREATE INDEX campaigns_ended ON campaigns (updated_at, campaign_id) WHERE status = 'ended' AND archived_turns IS NULL;
