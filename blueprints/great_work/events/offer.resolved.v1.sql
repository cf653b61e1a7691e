-- expect 1: no open offer :offer_id
UPDATE offers SET status = :outcome WHERE offer_id = :offer_id AND status IN ('open', 'countered');

DELETE FROM offer_escrow WHERE offer_id = :offer_id;

INSERT INTO player_events (player_id, sequence) VALUES (:player_id, :sequence);
