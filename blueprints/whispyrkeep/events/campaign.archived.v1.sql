-- expect 1: the campaign :campaign_id has not ended, has no turns, or they are archived
UPDATE campaigns SET archived_turns = (SELECT s.turn_index FROM canonical_campaign_states s
                                       WHERE s.campaign_id = campaigns.campaign_id)
WHERE campaign_id = :campaign_id AND status = 'ended' AND archived_turns IS NULL
  AND EXISTS (SELECT 1 FROM turn_events t WHERE t.campaign_id = campaigns.campaign_id);

DELETE FROM campaign_checkpoints WHERE campaign_id = :campaign_id;

DELETE FROM turn_events WHERE campaign_id = :campaign_id;
