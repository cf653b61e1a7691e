-- expect 1: no open theory :theory_id
UPDATE theories SET outcome = :outcome, reputation_change = :reputation_change
WHERE theory_id = :theory_id AND outcome IS NULL;

INSERT INTO player_events (player_id, sequence) VALUES (:player_id, :sequence);
