INSERT INTO symposium_pledges (topic_id, player_id, faction, amount, status)
VALUES (:topic_id, :player_id, :faction, :amount, 'pending');

INSERT INTO player_events (player_id, sequence) VALUES (:player_id, :sequence);
