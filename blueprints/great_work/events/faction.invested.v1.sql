INSERT INTO faction_investments (sequence, player_id, faction, amount, program, game_year)
VALUES (:sequence, :player_id, :faction, :amount, :program, :moment);

INSERT INTO player_events (player_id, sequence) VALUES (:player_id, :sequence);
