-- Makes another spelling of a faction known.
-- check: unknown faction :faction
SELECT EXISTS (SELECT 1 FROM faction_aliases WHERE alias = lower(:faction));

-- check: :alias is known already
SELECT NOT EXISTS (SELECT 1 FROM faction_aliases WHERE alias = lower(:alias));

-- emit: alias.added
SELECT lower(:alias) AS alias, a.faction FROM faction_aliases a WHERE a.alias = lower(:faction);
