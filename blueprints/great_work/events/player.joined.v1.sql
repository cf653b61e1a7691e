INSERT INTO players (player_id, name, created_at) VALUES (:player_id, :name, :at);

INSERT INTO player_influence (player_id, faction, influence, soft_cap) VALUES
  (:player_id, 'Academic', 0, 6), (:player_id, 'Government', 0, 6), (:player_id, 'Industry', 0, 6),
  (:player_id, 'Religious', 0, 6), (:player_id, 'Foreign', 0, 6);

INSERT INTO player_events (player_id, sequence) VALUES (:player_id, :sequence);
