-- Puts influence into a programme of a faction.
-- check: the game is paused
SELECT NOT paused FROM timeline;

-- check: unknown player :player_id
SELECT EXISTS (SELECT 1 FROM players WHERE player_id = :player_id);

-- check: unknown faction :faction
SELECT EXISTS (SELECT 1 FROM faction_aliases WHERE alias = lower(:faction));

-- check: not enough influence
SELECT i.influence >= :amount FROM player_influence i JOIN faction_aliases a ON a.faction = i.faction
WHERE i.player_id = :player_id AND a.alias = lower(:faction);

-- emit: faction.invested
SELECT :player_id AS player_id, a.faction, :amount AS amount, :program AS program,
       :amount + COALESCE((SELECT sum(f.amount) FROM faction_investments f
                           WHERE f.player_id = :player_id AND f.faction = a.faction), 0) AS total
FROM faction_aliases a WHERE a.alias = lower(:faction);

-- emit: influence.changed
SELECT i.player_id, i.faction, -:amount AS delta, i.influence - :amount AS influence, 'cost' AS kind,
       'investment' AS reason, :program AS source
FROM player_influence i JOIN faction_aliases a ON a.faction = i.faction
WHERE i.player_id = :player_id AND a.alias = lower(:faction);

-- emit: press.scheduled
SELECT new_uuid('press:investment')::text AS press_id, 'faction_investment' AS kind,
       p.name || ' invests with ' || a.faction AS headline,
       p.name || ' puts ' || :amount || ' of influence into ' || COALESCE(:program, 'a programme') || ' of '
         || a.faction || '.' AS body,
       COALESCE(:release_at, now()) AS release_at, p.player_id, 'faction.invested' AS source_type,
       p.player_id AS source_id
FROM players p CROSS JOIN faction_aliases a WHERE p.player_id = :player_id AND a.alias = lower(:faction);
