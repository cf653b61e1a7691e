-- Sends a queued expedition out: its costs are paid and its return becomes due.
-- check: the game is paused
SELECT NOT paused FROM timeline;

-- check: no queued expedition :expedition_id
SELECT EXISTS (SELECT 1 FROM expeditions WHERE expedition_id = :expedition_id AND status = 'queued');

-- check: not enough influence
SELECT NOT EXISTS (SELECT 1 FROM expeditions x JOIN rule_costs c ON c.type = x.type
                   JOIN player_influence i ON i.player_id = x.player_id AND i.faction = c.faction
                   WHERE x.expedition_id = :expedition_id AND i.influence < c.amount);

-- emit: expedition.launched
SELECT expedition_id, player_id FROM expeditions WHERE expedition_id = :expedition_id;

-- emit: influence.changed
SELECT i.player_id, i.faction, -c.amount AS delta, i.influence - c.amount AS influence, 'cost' AS kind,
       'expedition' AS reason, x.expedition_id AS source
FROM expeditions x JOIN rule_costs c ON c.type = x.type
JOIN player_influence i ON i.player_id = x.player_id AND i.faction = c.faction
WHERE x.expedition_id = :expedition_id ORDER BY i.faction;

-- emit: press.scheduled
SELECT 'expedition.launched:' || x.expedition_id AS press_id, 'research_manifesto' AS kind,
       p.name || ' sets out' AS headline,
       p.name || ' launches a ' || replace(x.type, '_', ' ') || ': ' || x.objective AS body,
       COALESCE(:release_at, now()) AS release_at, p.player_id AS player_id,
       'expedition.launched' AS source_type, x.expedition_id AS source_id
FROM expeditions x JOIN players p ON p.player_id = x.player_id WHERE x.expedition_id = :expedition_id;

-- emit: order.opened
SELECT 'expedition:' || x.expedition_id AS order_id, 'expedition_resolution' AS kind,
       x.expedition_id AS subject,
       x.player_id, COALESCE(:due_at, now()) AS due_at
FROM expeditions x WHERE x.expedition_id = :expedition_id;
