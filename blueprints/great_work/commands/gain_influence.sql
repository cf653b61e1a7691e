-- Gives influence, as far as the cap leaves room.
-- check: the game is paused
SELECT NOT paused FROM timeline;

-- check: unknown player :player_id
SELECT EXISTS (SELECT 1 FROM players WHERE player_id = :player_id);

-- check: unknown faction :faction
SELECT EXISTS (SELECT 1 FROM faction_aliases WHERE alias = lower(:faction));

-- emit: influence.changed
SELECT s.player_id, s.faction, LEAST(:amount, COALESCE(s.room, :amount)) AS delta,
       s.influence + LEAST(:amount, COALESCE(s.room, :amount)) AS influence, 'gain' AS kind,
       :amount AS requested, :reason AS reason, :source AS source
FROM influence_standing s JOIN faction_aliases a ON a.faction = s.faction
WHERE s.player_id = :player_id AND a.alias = lower(:faction)
ORDER BY s.faction;
