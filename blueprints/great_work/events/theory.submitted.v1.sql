INSERT INTO theories (theory_id, player_id, claim, confidence, supporters, game_year, deadline)
VALUES (:theory_id, :player_id, :claim, :confidence, COALESCE(:supporters, '[]'::jsonb), :moment, :deadline);

INSERT INTO player_events (player_id, sequence) VALUES (:player_id, :sequence);
