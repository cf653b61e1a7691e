-- Lets a player owe a faction influence.
-- check: the game is paused
SELECT NOT paused FROM timeline;

-- check: unknown player :player_id
SELECT EXISTS (SELECT 1 FROM players WHERE player_id = :player_id);

-- check: unknown faction :faction
SELECT EXISTS (SELECT 1 FROM faction_aliases WHERE alias = lower(:faction));

-- emit: debt.changed
SELECT :player_id AS player_id, a.faction, :source AS source, :amount AS delta,
       COALESCE(d.amount, 0) + :amount AS amount, :reason AS reason
FROM faction_aliases a
LEFT JOIN debts d ON d.player_id = :player_id AND d.faction = a.faction AND d.source = :source
WHERE a.alias = lower(:faction);
