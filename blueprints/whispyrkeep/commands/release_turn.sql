-- Gives a reserved turn back without writing it.
-- check: no reservation :reservation_id
SELECT EXISTS (SELECT 1 FROM turn_reservations WHERE campaign_id = :campaign_id AND reservation_id = :reservation_id);

-- emit: turn.released
SELECT :campaign_id AS campaign_id, :reservation_id AS reservation_id;
