INSERT INTO player_events (player_id, sequence)
SELECT :player_id::text, :sequence WHERE :player_id::text IS NOT NULL;
