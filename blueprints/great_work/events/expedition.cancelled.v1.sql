-- expect 1: no open expedition :expedition_id
UPDATE expeditions SET status = 'cancelled', resolved_in = :moment
WHERE expedition_id = :expedition_id AND status IN ('queued', 'launched');

INSERT INTO player_events (player_id, sequence) VALUES (:player_id, :sequence);
