-- Tells a player off over a debt: it costs 1 of reputation.
-- check: the game is paused
SELECT NOT paused FROM timeline;

-- check: unknown player :player_id
SELECT EXISTS (SELECT 1 FROM players WHERE player_id = :player_id);

-- check: unknown faction :faction
SELECT EXISTS (SELECT 1 FROM faction_aliases WHERE alias = lower(:faction));

-- check: :player_id owes nothing to :faction from :source
SELECT EXISTS (SELECT 1 FROM debts d JOIN faction_aliases a ON a.faction = d.faction
               WHERE d.player_id = :player_id AND a.alias = lower(:faction) AND d.source = :source
                 AND d.amount > 0);

-- emit: symposium.reprimanded
SELECT d.player_id, d.faction, d.source, d.reprisal_level + 1 AS reprisal_level, d.amount AS remaining
FROM debts d JOIN faction_aliases a ON a.faction = d.faction
WHERE d.player_id = :player_id AND a.alias = lower(:faction) AND d.source = :source;

-- emit: reputation.changed
SELECT p.player_id, GREATEST(-50, p.reputation - 1) - p.reputation AS delta, -1 AS wager,
       GREATEST(-50, p.reputation - 1) AS reputation, 'reprimand' AS reason, :source AS source
FROM players p WHERE p.player_id = :player_id;

-- emit: press.scheduled
SELECT new_uuid('press:reprimand')::text AS press_id, 'symposium_reprimand' AS kind,
       p.name || ' is reprimanded' AS headline, p.name || ' still owes ' || a.faction
         || ' influence.' AS body,
       COALESCE(:release_at, now()) AS release_at, p.player_id, 'symposium.reprimanded' AS source_type,
       :source AS source_id
FROM players p CROSS JOIN faction_aliases a WHERE p.player_id = :player_id AND a.alias = lower(:faction);
