-- expect 1: no open offer :offer_id
UPDATE offers SET status = :outcome WHERE offer_id = :offer_id AND status IN ('open', 'countered');

DELETE FROM offer_escrow WHERE offer_id = :offer_id;
