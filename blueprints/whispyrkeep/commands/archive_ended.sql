-- Puts away the turns of campaigns that are over for long, 20 at a time.
-- emit: campaign.archived
SELECT c.campaign_id FROM campaigns c
WHERE c.status = 'ended' AND c.archived_turns IS NULL AND c.updated_at <= now() - interval '180 days'
  AND EXISTS (SELECT 1 FROM turn_events t WHERE t.campaign_id = c.campaign_id)
ORDER BY c.updated_at, c.campaign_id LIMIT 20;
