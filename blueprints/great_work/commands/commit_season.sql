-- Promises a faction influence in each of some years.
-- check: the game is paused
SELECT NOT paused FROM timeline;

-- check: unknown player :player_id
SELECT EXISTS (SELECT 1 FROM players WHERE player_id = :player_id);

-- check: unknown faction :faction
SELECT EXISTS (SELECT 1 FROM faction_aliases WHERE alias = lower(:faction));

-- check: there is a commitment :commitment_id already
SELECT :commitment_id IS NULL
         OR NOT EXISTS (SELECT 1 FROM seasonal_commitments WHERE commitment_id = :commitment_id);

-- emit: commitment.made
SELECT COALESCE(:commitment_id, new_uuid('commitment')::text) AS commitment_id, :player_id AS player_id,
       a.faction,
       :cost AS cost, t.current_year AS from_year, t.current_year + :years - 1 AS to_year
FROM faction_aliases a CROSS JOIN timeline t WHERE a.alias = lower(:faction);
