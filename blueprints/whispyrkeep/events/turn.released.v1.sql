-- expect 1: no reservation :reservation_id
DELETE FROM turn_reservations WHERE campaign_id = :campaign_id AND reservation_id = :reservation_id;
