-- expect 1: no open conference :code
UPDATE conferences SET roll = :roll, modifier = :modifier, outcome = :outcome,
       reputation_change = :reputation_change
WHERE code = :code AND outcome IS NULL;

INSERT INTO player_events (player_id, sequence) VALUES (:player_id, :sequence);
