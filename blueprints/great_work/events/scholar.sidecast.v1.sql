INSERT INTO scholar_facts (sequence, scholar_id, time, game_year, type, actor, details)
VALUES (:sequence, :scholar_id, :at, :moment, 'sidecast', :player_id, :payload);

INSERT INTO player_events (player_id, sequence)
SELECT :player_id::text, :sequence WHERE :player_id::text IS NOT NULL;
