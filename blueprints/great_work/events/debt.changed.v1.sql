INSERT INTO debts (player_id, faction, source, amount) VALUES (:player_id, :faction, :source, :amount)
ON CONFLICT (player_id, faction, source) DO UPDATE SET amount = excluded.amount;

INSERT INTO player_events (player_id, sequence) VALUES (:player_id, :sequence);
