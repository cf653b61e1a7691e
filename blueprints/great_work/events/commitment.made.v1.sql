INSERT INTO seasonal_commitments (commitment_id, player_id, faction, cost, from_year, to_year,
                                  charged_through, status)
VALUES (:commitment_id, :player_id, :faction, :cost, :from_year, :to_year, :from_year - 1, 'active');

INSERT INTO player_events (player_id, sequence) VALUES (:player_id, :sequence);
