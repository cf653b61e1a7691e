-- Charges a year of a commitment, once however often it is tried; what the balance does not cover becomes a
-- debt.
-- check: the game is paused
SELECT NOT paused FROM timeline;

-- check: no commitment :commitment_id
SELECT EXISTS (SELECT 1 FROM seasonal_commitments WHERE commitment_id = :commitment_id);

-- emit: commitment.charged
WITH charge AS (
  SELECT c.commitment_id, c.player_id, c.faction, c.charged_through + 1 AS year, c.cost, i.influence,
         LEAST(c.cost, GREATEST(0, i.influence)) AS paid
  FROM seasonal_commitments c
  JOIN player_influence i ON i.player_id = c.player_id AND i.faction = c.faction
  CROSS JOIN timeline t
  WHERE c.commitment_id = :commitment_id AND c.status = 'active' AND c.charged_through = :year - 1
    AND :year <= t.current_year
)
SELECT commitment_id, player_id, year, paid, cost - paid AS owed FROM charge;

-- emit: influence.changed
WITH charge AS (
  SELECT c.commitment_id, c.player_id, c.faction, c.charged_through + 1 AS year, c.cost, i.influence,
         LEAST(c.cost, GREATEST(0, i.influence)) AS paid
  FROM seasonal_commitments c
  JOIN player_influence i ON i.player_id = c.player_id AND i.faction = c.faction
  CROSS JOIN timeline t
  WHERE c.commitment_id = :commitment_id AND c.status = 'active' AND c.charged_through = :year - 1
    AND :year <= t.current_year
)
SELECT player_id, faction, -paid AS delta, influence - paid AS influence, 'cost' AS kind,
       'commitment' AS reason, commitment_id AS source
FROM charge WHERE paid > 0;

-- emit: debt.changed
WITH charge AS (
  SELECT c.commitment_id, c.player_id, c.faction, c.charged_through + 1 AS year, c.cost, i.influence,
         LEAST(c.cost, GREATEST(0, i.influence)) AS paid
  FROM seasonal_commitments c
  JOIN player_influence i ON i.player_id = c.player_id AND i.faction = c.faction
  CROSS JOIN timeline t
  WHERE c.commitment_id = :commitment_id AND c.status = 'active' AND c.charged_through = :year - 1
    AND :year <= t.current_year
)
SELECT c.player_id, c.faction, 'seasonal' AS source, c.cost - c.paid AS delta,
       COALESCE(d.amount, 0) + c.cost - c.paid AS amount, 'commitment' AS reason
FROM charge c LEFT JOIN debts d ON d.player_id = c.player_id AND d.faction = c.faction
  AND d.source = 'seasonal'
WHERE c.cost > c.paid;
