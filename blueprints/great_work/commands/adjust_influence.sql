-- Corrects a balance, by somebody in charge who says why. The cap may be passed, 0 may not.
-- check: an adjustment needs an actor
SELECT :actor <> '';

-- check: unknown player :player_id
SELECT EXISTS (SELECT 1 FROM players WHERE player_id = :player_id);

-- check: unknown faction :faction
SELECT EXISTS (SELECT 1 FROM faction_aliases WHERE alias = lower(:faction));

-- check: the balance would go below 0
SELECT :delta >= 0 OR i.influence + :delta >= 0
FROM player_influence i JOIN faction_aliases a ON a.faction = i.faction
WHERE i.player_id = :player_id AND a.alias = lower(:faction);

-- emit: admin.adjusted
SELECT :player_id AS subject, 'influence with ' || a.faction || ' by ' || :delta AS change, :reason AS reason
FROM faction_aliases a WHERE a.alias = lower(:faction);

-- emit: influence.changed
SELECT i.player_id, i.faction, :delta AS delta, i.influence + :delta AS influence, 'adjustment' AS kind,
       'adjustment' AS reason
FROM player_influence i JOIN faction_aliases a ON a.faction = i.faction
WHERE i.player_id = :player_id AND a.alias = lower(:faction);
