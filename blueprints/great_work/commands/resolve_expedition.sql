-- Brings an expedition home: one roll decides the outcome, and with it reputation, influence with the funding
-- factions, what the team remembers and feels, and the press.
-- check: the game is paused
SELECT NOT paused FROM timeline;

-- check: no expedition :expedition_id waits for its resolution
SELECT EXISTS (SELECT 1 FROM expeditions WHERE expedition_id = :expedition_id AND status = 'launched');

-- emit: expedition.resolved
SELECT r.expedition_id, r.player_id, dice('expedition:' || r.expedition_id, 100) AS roll, r.modifier,
       dice('expedition:' || r.expedition_id, 100) + r.modifier AS total, r.outcome, r.confidence,
       r.delta AS reputation_change,
       CASE WHEN r.outcome = 'failure' THEN NULL ELSE :discoveries END AS discoveries
FROM expedition_outcomes r
WHERE r.expedition_id = :expedition_id
  AND dice('expedition:' || r.expedition_id, 100) >= r.roll_min
  AND dice('expedition:' || r.expedition_id, 100) <= r.roll_max ORDER BY r.expedition_id;

-- emit: reputation.changed
SELECT r.player_id, r.delta, r.wager, r.reputation, 'expedition ' || r.outcome AS reason,
       r.expedition_id AS source
FROM expedition_outcomes r
WHERE r.expedition_id = :expedition_id
  AND dice('expedition:' || r.expedition_id, 100) >= r.roll_min
  AND dice('expedition:' || r.expedition_id, 100) <= r.roll_max ORDER BY r.player_id;

-- emit: influence.changed
SELECT i.player_id, i.faction, LEAST(r.reward, COALESCE(i.room, r.reward)) AS delta,
       i.influence + LEAST(r.reward, COALESCE(i.room, r.reward)) AS influence, 'gain' AS kind,
       r.reward AS requested, 'expedition ' || r.outcome AS reason, r.expedition_id AS source
FROM expedition_outcomes r
JOIN influence_standing i ON i.player_id = r.player_id AND r.funding @> jsonb_build_array(i.faction)
WHERE r.expedition_id = :expedition_id
  AND dice('expedition:' || r.expedition_id, 100) >= r.roll_min
  AND dice('expedition:' || r.expedition_id, 100) <= r.roll_max AND r.reward > 0
ORDER BY i.faction;

-- emit: scholar.remembered
SELECT s.scholar_id, 'expedition_' || r.outcome AS type, r.player_id AS by,
       jsonb_build_object('expedition_id', r.expedition_id) AS details
FROM expedition_outcomes r
JOIN scholars s ON s.scholar_id IN (SELECT m.value
                                   FROM jsonb_array_elements_text(r.team) AS m (value))
WHERE r.expedition_id = :expedition_id
  AND dice('expedition:' || r.expedition_id, 100) >= r.roll_min
  AND dice('expedition:' || r.expedition_id, 100) <= r.roll_max AND s.status = 'active'
ORDER BY s.scholar_id;

-- emit: scholar.felt
SELECT s.scholar_id, r.player_id AS subject, r.feeling AS delta,
       COALESCE(f.feeling, 0.0) + r.feeling AS feeling, 'expedition ' || r.outcome AS reason
FROM expedition_outcomes r
JOIN scholars s ON s.scholar_id IN (SELECT m.value
                                   FROM jsonb_array_elements_text(r.team) AS m (value))
LEFT JOIN scholar_feelings f ON f.scholar_id = s.scholar_id AND f.subject = r.player_id
WHERE r.expedition_id = :expedition_id
  AND dice('expedition:' || r.expedition_id, 100) >= r.roll_min
  AND dice('expedition:' || r.expedition_id, 100) <= r.roll_max AND s.status = 'active'
ORDER BY s.scholar_id;

-- emit: press.scheduled
SELECT 'expedition.resolved:' || r.expedition_id AS press_id,
       CASE WHEN r.outcome = 'failure' THEN 'retraction_notice' ELSE 'discovery_report' END AS kind,
       r.player_name || ' returns: ' || r.outcome AS headline,
       r.objective || ' ended in ' || r.outcome || ' with a total of '
         || (dice('expedition:' || r.expedition_id, 100) + r.modifier) || '.' AS body,
       COALESCE(:release_at, now()) AS release_at, r.player_id, 'expedition.resolved' AS source_type,
       r.expedition_id AS source_id
FROM expedition_outcomes r
WHERE r.expedition_id = :expedition_id
  AND dice('expedition:' || r.expedition_id, 100) >= r.roll_min
  AND dice('expedition:' || r.expedition_id, 100) <= r.roll_max ORDER BY r.expedition_id;

-- emit: order.completed
SELECT order_id FROM orders
WHERE kind = 'expedition_resolution' AND subject = :expedition_id AND status = 'pending' ORDER BY order_id;
