-- Sets a soft cap by hand; without soft_cap there is no limit from then on.
-- check: an adjustment needs an actor
SELECT :actor <> '';

-- check: unknown player :player_id
SELECT EXISTS (SELECT 1 FROM players WHERE player_id = :player_id);

-- check: unknown faction :faction
SELECT EXISTS (SELECT 1 FROM faction_aliases WHERE alias = lower(:faction));

-- emit: admin.adjusted
SELECT :player_id AS subject, 'cap with ' || a.faction || ': ' || COALESCE(:soft_cap::text, 'none') AS change,
       :reason AS reason
FROM faction_aliases a WHERE a.alias = lower(:faction);

-- emit: influence.cap_changed
SELECT :player_id AS player_id, a.faction, :soft_cap AS soft_cap, :reason AS reason
FROM faction_aliases a WHERE a.alias = lower(:faction);
