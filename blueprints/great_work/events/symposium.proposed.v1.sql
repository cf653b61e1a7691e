INSERT INTO symposium_proposals (proposal_id, player_id, topic, description, status, expires_at, proposed_in)
VALUES (:proposal_id, :player_id, :topic, :description, 'pending', :expires_at, :moment);

INSERT INTO player_events (player_id, sequence) VALUES (:player_id, :sequence);
