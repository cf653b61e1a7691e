DELETE FROM turn_reservations WHERE campaign_id = :campaign_id AND expires_at <= :at;

-- expect 1: the turn after :base_turn of :campaign_id can't be reserved: it is written, or the campaign is not played
INSERT INTO turn_reservations (campaign_id, reservation_id, base_turn, holder, expires_at, created_at, updated_at)
SELECT s.campaign_id, :reservation_id, :base_turn, :holder, :expires_at, :at, :at
FROM canonical_campaign_states s
WHERE s.campaign_id = :campaign_id AND s.turn_index = :base_turn AND :expires_at > :at
  AND EXISTS (SELECT 1 FROM campaigns c WHERE c.campaign_id = :campaign_id AND c.status = 'active');
