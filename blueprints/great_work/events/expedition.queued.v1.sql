INSERT INTO expeditions (expedition_id, player_id, theory_id, type, objective, preparation, team, funding,
                         confidence, status, queued_in)
VALUES (:expedition_id, :player_id, :theory_id, :type, :objective, COALESCE(:preparation, '{}'::jsonb),
        COALESCE(:team, '[]'::jsonb), COALESCE(:funding, '[]'::jsonb), :confidence, 'queued', :moment);

INSERT INTO player_events (player_id, sequence) VALUES (:player_id, :sequence);
