-- expect 1: no pending proposal :proposal_id
UPDATE symposium_proposals SET status = 'expired' WHERE proposal_id = :proposal_id AND status = 'pending';

INSERT INTO player_events (player_id, sequence) VALUES (:player_id, :sequence);
