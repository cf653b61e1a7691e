-- Admits a player, with an endowment of influence if the game is generous. Spellings of one faction are
-- added up.
-- check: :player_id has joined already
SELECT NOT EXISTS (SELECT 1 FROM players WHERE player_id = :player_id);

-- check: :endowment names an unknown faction
SELECT NOT EXISTS (SELECT 1 FROM jsonb_each_text(COALESCE(:endowment, '{}'::jsonb)) AS e (key, value)
                   WHERE NOT EXISTS (SELECT 1 FROM faction_aliases a WHERE a.alias = lower(e.key)));

-- emit: player.joined
SELECT :player_id AS player_id, :name AS name;

-- emit: influence.changed
SELECT :player_id AS player_id, a.faction, LEAST(6, sum(e.value::integer)) AS delta,
       LEAST(6, sum(e.value::integer)) AS influence, 'gain' AS kind, sum(e.value::integer) AS requested,
       'endowment' AS reason
FROM jsonb_each_text(COALESCE(:endowment, '{}'::jsonb)) AS e (key, value)
JOIN faction_aliases a ON a.alias = lower(e.key)
GROUP BY a.faction ORDER BY a.faction;
