INSERT INTO player_events (player_id, sequence) VALUES (:player_id, :sequence);
