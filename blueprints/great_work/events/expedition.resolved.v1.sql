-- expect 1: no launched expedition :expedition_id
UPDATE expeditions SET status = 'resolved', resolved_in = :moment, roll = :roll, modifier = :modifier,
  outcome = :outcome, reputation_change = :reputation_change,
  discoveries = COALESCE(:discoveries, '[]'::jsonb)
WHERE expedition_id = :expedition_id AND status = 'launched';

INSERT INTO player_events (player_id, sequence) VALUES (:player_id, :sequence);
