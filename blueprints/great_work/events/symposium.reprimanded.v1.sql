-- expect 1: no debt of :player_id to :faction from :source
UPDATE debts SET reprisal_level = :reprisal_level
WHERE player_id = :player_id AND faction = :faction AND source = :source;

INSERT INTO player_events (player_id, sequence) VALUES (:player_id, :sequence);
