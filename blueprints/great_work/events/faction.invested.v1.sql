INSERT INTO faction_investments (sequence, player_id, faction, amount, program, game_year)
VALUES (:sequence, :player_id, :faction, :amount, :program, :moment);
