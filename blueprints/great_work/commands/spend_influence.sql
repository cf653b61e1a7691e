-- Takes influence; a balance never goes below 0.
-- check: the game is paused
SELECT NOT paused FROM timeline;

-- check: unknown player :player_id
SELECT EXISTS (SELECT 1 FROM players WHERE player_id = :player_id);

-- check: unknown faction :faction
SELECT EXISTS (SELECT 1 FROM faction_aliases WHERE alias = lower(:faction));

-- check: not enough influence
SELECT i.influence >= :amount FROM player_influence i JOIN faction_aliases a ON a.faction = i.faction
WHERE i.player_id = :player_id AND a.alias = lower(:faction);

-- emit: influence.changed
SELECT i.player_id, i.faction, -:amount AS delta, i.influence - :amount AS influence, 'cost' AS kind,
       :reason AS reason, :source AS source
FROM player_influence i JOIN faction_aliases a ON a.faction = i.faction
WHERE i.player_id = :player_id AND a.alias = lower(:faction);
