-- Pays a debt, at most what is owed.
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

-- check: that is more than :player_id owes
SELECT d.amount >= :amount FROM debts d JOIN faction_aliases a ON a.faction = d.faction
WHERE d.player_id = :player_id AND a.alias = lower(:faction) AND d.source = :source;

-- check: not enough influence
SELECT i.influence >= :amount FROM player_influence i JOIN faction_aliases a ON a.faction = i.faction
WHERE i.player_id = :player_id AND a.alias = lower(:faction);

-- emit: debt.changed
SELECT d.player_id, d.faction, d.source, -:amount AS delta, d.amount - :amount AS amount, 'paid' AS reason
FROM debts d JOIN faction_aliases a ON a.faction = d.faction
WHERE d.player_id = :player_id AND a.alias = lower(:faction) AND d.source = :source;

-- emit: influence.changed
SELECT i.player_id, i.faction, -:amount AS delta, i.influence - :amount AS influence, 'cost' AS kind,
       'debt paid' AS reason, :source AS source
FROM player_influence i JOIN faction_aliases a ON a.faction = i.faction
WHERE i.player_id = :player_id AND a.alias = lower(:faction);
