-- Reserves the next turn of a campaign, before a model is asked and paid.
-- check: no campaign :campaign_id
SELECT EXISTS (SELECT 1 FROM campaigns WHERE campaign_id = :campaign_id);

-- check: the campaign :campaign_id is not played
SELECT EXISTS (SELECT 1 FROM campaigns WHERE campaign_id = :campaign_id AND status = 'active');

-- check: somebody else wrote the turn after :base_turn meanwhile
SELECT EXISTS (SELECT 1 FROM canonical_campaign_states WHERE campaign_id = :campaign_id AND turn_index = :base_turn);

-- check: somebody else is at the turn after :base_turn
SELECT NOT EXISTS (SELECT 1 FROM turn_reservations WHERE campaign_id = :campaign_id AND expires_at > now());

-- check: a reservation lasts from now to at most an hour
SELECT :expires_at > now() AND :expires_at <= now() + interval '1 hour';

-- emit: turn.reserved
SELECT :campaign_id AS campaign_id, COALESCE(:reservation_id, new_uuid('reservation')) AS reservation_id,
       :base_turn AS base_turn, COALESCE(:holder, :actor) AS holder, :expires_at AS expires_at;
