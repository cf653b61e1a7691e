-- expect 1: no queued expedition :expedition_id
UPDATE expeditions SET status = 'launched', launched_in = :moment
WHERE expedition_id = :expedition_id AND status = 'queued';

INSERT INTO player_events (player_id, sequence) VALUES (:player_id, :sequence);
