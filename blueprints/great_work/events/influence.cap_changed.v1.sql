-- expect 1: unknown player :player_id
UPDATE player_influence SET soft_cap = :soft_cap WHERE player_id = :player_id AND faction = :faction;

INSERT INTO player_events (player_id, sequence) VALUES (:player_id, :sequence);
