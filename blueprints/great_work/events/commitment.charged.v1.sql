-- expect 1: :year of :commitment_id is not the next to be charged
UPDATE seasonal_commitments SET charged_through = :year,
  status = CASE WHEN :year >= to_year THEN 'completed' ELSE status END
WHERE commitment_id = :commitment_id AND status = 'active' AND charged_through = :year - 1;

INSERT INTO player_events (player_id, sequence) VALUES (:player_id, :sequence);
