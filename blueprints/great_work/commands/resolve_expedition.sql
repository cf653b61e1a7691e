-- Brings an expedition home: one roll decides the outcome, and with it reputation, influence with the funding
-- factions, what the team remembers and feels, and the press.
-- check: the game is paused
SELECT NOT paused FROM timeline;

-- check: no expedition :expedition_id waits for its resolution
SELECT EXISTS (SELECT 1 FROM expeditions WHERE expedition_id = :expedition_id AND status = 'launched');

-- emit: expedition.resolved
WITH result AS (
  SELECT x.expedition_id, x.player_id, x.team, x.funding, x.objective, x.confidence, d.roll, d.modifier, o.outcome,
         o.reward, o.feeling, w.reputation AS wager
  FROM expeditions x
  JOIN (SELECT m.expedition_id, m.modifier, dice('expedition:' || m.expedition_id, 100) AS roll
        FROM expedition_modifiers m WHERE m.expedition_id = :expedition_id) d ON d.expedition_id = x.expedition_id
  JOIN rule_outcomes o ON o.contest = 'expedition'
    AND (o.from_total IS NULL OR d.roll + d.modifier >= o.from_total)
    AND (o.below_total IS NULL OR d.roll + d.modifier < o.below_total)
  JOIN rule_wagers w ON w.confidence = x.confidence AND w.result = o.result
  WHERE x.expedition_id = :expedition_id
)
SELECT r.expedition_id, r.player_id, r.roll, r.modifier, r.roll + r.modifier AS total, r.outcome, r.confidence,
       GREATEST(-50, LEAST(50, p.reputation + r.wager)) - p.reputation AS reputation_change,
       CASE WHEN r.outcome = 'failure' THEN NULL ELSE :discoveries END AS discoveries
FROM result r JOIN players p ON p.player_id = r.player_id;

-- emit: reputation.changed
WITH result AS (
  SELECT x.expedition_id, x.player_id, x.team, x.funding, x.objective, x.confidence, d.roll, d.modifier, o.outcome,
         o.reward, o.feeling, w.reputation AS wager
  FROM expeditions x
  JOIN (SELECT m.expedition_id, m.modifier, dice('expedition:' || m.expedition_id, 100) AS roll
        FROM expedition_modifiers m WHERE m.expedition_id = :expedition_id) d ON d.expedition_id = x.expedition_id
  JOIN rule_outcomes o ON o.contest = 'expedition'
    AND (o.from_total IS NULL OR d.roll + d.modifier >= o.from_total)
    AND (o.below_total IS NULL OR d.roll + d.modifier < o.below_total)
  JOIN rule_wagers w ON w.confidence = x.confidence AND w.result = o.result
  WHERE x.expedition_id = :expedition_id
)
SELECT p.player_id, GREATEST(-50, LEAST(50, p.reputation + r.wager)) - p.reputation AS delta, r.wager,
       GREATEST(-50, LEAST(50, p.reputation + r.wager)) AS reputation, 'expedition ' || r.outcome AS reason,
       r.expedition_id AS source
FROM result r JOIN players p ON p.player_id = r.player_id;

-- emit: influence.changed
WITH result AS (
  SELECT x.expedition_id, x.player_id, x.team, x.funding, x.objective, x.confidence, d.roll, d.modifier, o.outcome,
         o.reward, o.feeling, w.reputation AS wager
  FROM expeditions x
  JOIN (SELECT m.expedition_id, m.modifier, dice('expedition:' || m.expedition_id, 100) AS roll
        FROM expedition_modifiers m WHERE m.expedition_id = :expedition_id) d ON d.expedition_id = x.expedition_id
  JOIN rule_outcomes o ON o.contest = 'expedition'
    AND (o.from_total IS NULL OR d.roll + d.modifier >= o.from_total)
    AND (o.below_total IS NULL OR d.roll + d.modifier < o.below_total)
  JOIN rule_wagers w ON w.confidence = x.confidence AND w.result = o.result
  WHERE x.expedition_id = :expedition_id
)
SELECT i.player_id, i.faction, LEAST(r.reward, COALESCE(i.room, r.reward)) AS delta,
       i.influence + LEAST(r.reward, COALESCE(i.room, r.reward)) AS influence, 'gain' AS kind,
       r.reward AS requested, 'expedition ' || r.outcome AS reason, r.expedition_id AS source
FROM result r JOIN influence_standing i ON i.player_id = r.player_id AND r.funding @> jsonb_build_array(i.faction)
WHERE r.reward > 0 ORDER BY i.faction;

-- emit: scholar.remembered
WITH result AS (
  SELECT x.expedition_id, x.player_id, x.team, x.funding, x.objective, x.confidence, d.roll, d.modifier, o.outcome,
         o.reward, o.feeling, w.reputation AS wager
  FROM expeditions x
  JOIN (SELECT m.expedition_id, m.modifier, dice('expedition:' || m.expedition_id, 100) AS roll
        FROM expedition_modifiers m WHERE m.expedition_id = :expedition_id) d ON d.expedition_id = x.expedition_id
  JOIN rule_outcomes o ON o.contest = 'expedition'
    AND (o.from_total IS NULL OR d.roll + d.modifier >= o.from_total)
    AND (o.below_total IS NULL OR d.roll + d.modifier < o.below_total)
  JOIN rule_wagers w ON w.confidence = x.confidence AND w.result = o.result
  WHERE x.expedition_id = :expedition_id
)
SELECT s.scholar_id, 'expedition_' || r.outcome AS type, r.player_id AS by,
       jsonb_build_object('expedition_id', r.expedition_id) AS details
FROM result r JOIN scholars s ON r.team @> jsonb_build_array(s.scholar_id)
WHERE s.status = 'active' ORDER BY s.scholar_id;

-- emit: scholar.felt
WITH result AS (
  SELECT x.expedition_id, x.player_id, x.team, x.funding, x.objective, x.confidence, d.roll, d.modifier, o.outcome,
         o.reward, o.feeling, w.reputation AS wager
  FROM expeditions x
  JOIN (SELECT m.expedition_id, m.modifier, dice('expedition:' || m.expedition_id, 100) AS roll
        FROM expedition_modifiers m WHERE m.expedition_id = :expedition_id) d ON d.expedition_id = x.expedition_id
  JOIN rule_outcomes o ON o.contest = 'expedition'
    AND (o.from_total IS NULL OR d.roll + d.modifier >= o.from_total)
    AND (o.below_total IS NULL OR d.roll + d.modifier < o.below_total)
  JOIN rule_wagers w ON w.confidence = x.confidence AND w.result = o.result
  WHERE x.expedition_id = :expedition_id
)
SELECT s.scholar_id, r.player_id AS subject, r.feeling AS delta,
       COALESCE(f.feeling, 0.0) + r.feeling AS feeling, 'expedition ' || r.outcome AS reason
FROM result r JOIN scholars s ON r.team @> jsonb_build_array(s.scholar_id)
LEFT JOIN scholar_feelings f ON f.scholar_id = s.scholar_id AND f.subject = r.player_id
WHERE s.status = 'active' ORDER BY s.scholar_id;

-- emit: press.scheduled
WITH result AS (
  SELECT x.expedition_id, x.player_id, x.team, x.funding, x.objective, x.confidence, d.roll, d.modifier, o.outcome,
         o.reward, o.feeling, w.reputation AS wager
  FROM expeditions x
  JOIN (SELECT m.expedition_id, m.modifier, dice('expedition:' || m.expedition_id, 100) AS roll
        FROM expedition_modifiers m WHERE m.expedition_id = :expedition_id) d ON d.expedition_id = x.expedition_id
  JOIN rule_outcomes o ON o.contest = 'expedition'
    AND (o.from_total IS NULL OR d.roll + d.modifier >= o.from_total)
    AND (o.below_total IS NULL OR d.roll + d.modifier < o.below_total)
  JOIN rule_wagers w ON w.confidence = x.confidence AND w.result = o.result
  WHERE x.expedition_id = :expedition_id
)
SELECT 'expedition.resolved:' || r.expedition_id AS press_id,
       CASE WHEN r.outcome = 'failure' THEN 'retraction_notice' ELSE 'discovery_report' END AS kind,
       p.name || ' returns: ' || r.outcome AS headline,
       r.objective || ' ended in ' || r.outcome || ' with a total of ' || (r.roll + r.modifier) || '.' AS body,
       COALESCE(:release_at, now()) AS release_at, p.player_id, 'expedition.resolved' AS source_type,
       r.expedition_id AS source_id
FROM result r JOIN players p ON p.player_id = r.player_id;

-- emit: order.completed
SELECT order_id FROM orders WHERE kind = 'expedition_resolution' AND subject = :expedition_id AND status = 'pending'
ORDER BY order_id;
