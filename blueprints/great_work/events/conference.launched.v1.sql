INSERT INTO conferences (code, player_id, theory_id, confidence, supporters, opposition, launched_in)
VALUES (:code, :player_id, :theory_id, :confidence, COALESCE(:supporters, '[]'::jsonb),
        COALESCE(:opposition, '[]'::jsonb), :moment);

INSERT INTO player_events (player_id, sequence) VALUES (:player_id, :sequence);
