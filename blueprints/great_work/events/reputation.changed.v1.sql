-- expect 1: a change of :delta does not make the reputation of :player_id :reputation
UPDATE players SET reputation = :reputation
WHERE player_id = :player_id AND reputation + :delta = :reputation;

UPDATE player_influence SET soft_cap = 6 + GREATEST(0, :reputation) / 5
WHERE player_id = :player_id AND soft_cap <> 6 + GREATEST(0, :reputation) / 5;

INSERT INTO player_events (player_id, sequence) VALUES (:player_id, :sequence);
