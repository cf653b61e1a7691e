-- expect 1: no active commitment :commitment_id
UPDATE seasonal_commitments SET status = 'cancelled'
WHERE commitment_id = :commitment_id AND status = 'active';

INSERT INTO player_events (player_id, sequence) VALUES (:player_id, :sequence);
