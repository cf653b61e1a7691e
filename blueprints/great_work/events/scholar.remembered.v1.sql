INSERT INTO scholar_facts (sequence, scholar_id, time, game_year, type, actor, details)
VALUES (:sequence, :scholar_id, :at, :moment, :type, :by, :details);
