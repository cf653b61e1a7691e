-- Adds up what a player has with one faction under several spellings, for an imported game. The decision and
-- each spelling stay on record; a sum below 0 is kept as it is.
-- check: unknown player :player_id
SELECT EXISTS (SELECT 1 FROM players WHERE player_id = :player_id);

-- check: :spellings names an unknown faction
SELECT NOT EXISTS (SELECT 1 FROM jsonb_each_text(COALESCE(:spellings, '{}'::jsonb)) AS e (key, value)
                   WHERE NOT EXISTS (SELECT 1 FROM faction_aliases a WHERE a.alias = lower(e.key)));

-- check: the balances of :player_id are not empty any more
SELECT NOT EXISTS (SELECT 1 FROM player_influence i
                   WHERE i.player_id = :player_id AND i.influence <> 0
                     AND i.faction IN (SELECT a.faction FROM jsonb_each_text(:spellings) AS e (key, value)
                                       JOIN faction_aliases a ON a.alias = lower(e.key)));

-- emit: faction.merged
SELECT :player_id AS player_id, a.faction, jsonb_object_agg(e.key, e.value::integer) AS spellings,
       sum(e.value::integer) AS influence, :reason AS reason
FROM jsonb_each_text(:spellings) AS e (key, value) JOIN faction_aliases a ON a.alias = lower(e.key)
GROUP BY a.faction ORDER BY a.faction;

-- emit: influence.changed
SELECT :player_id AS player_id, a.faction, sum(e.value::integer) AS delta, sum(e.value::integer) AS influence,
       'import' AS kind, 'spellings merged' AS reason
FROM jsonb_each_text(:spellings) AS e (key, value) JOIN faction_aliases a ON a.alias = lower(e.key)
GROUP BY a.faction ORDER BY a.faction;
