-- Decides the last offer of a chain, by a roll if no outcome is given: 30 percent, 10 more for each
-- influence offered,
-- 5 more for each point of feeling, within 5 and 95. Of an offer and its counter-offer one is accepted: a
-- refused
-- counter-offer means that the scholar goes. What was held for a refused offer goes back to whom it belongs.
-- check: the game is paused
SELECT NOT paused FROM timeline;

-- check: no open offer :offer_id
SELECT EXISTS (SELECT 1 FROM offers WHERE offer_id = :offer_id AND status = 'open');

-- emit: offer.resolved
WITH target AS (
  SELECT o.offer_id, o.parent_id, o.scholar_id, o.player_id, o.kind, s.patron,
         dice('offer:' || o.offer_id, 100) AS roll,
         GREATEST(5, LEAST(95, 30
           + 10 * COALESCE((SELECT sum(e.amount) FROM offer_escrow e WHERE e.offer_id = o.offer_id), 0)
           + COALESCE((SELECT floor(f.feeling * 5)::integer FROM scholar_feelings f
                       WHERE f.scholar_id = o.scholar_id AND f.subject = o.player_id), 0))) AS chance
  FROM offers o JOIN scholars s ON s.scholar_id = o.scholar_id
  WHERE o.offer_id = :offer_id
), decided AS (
  SELECT offer_id, scholar_id, player_id, patron, chance, roll,
         CASE WHEN :outcome IS NOT NULL THEN :outcome WHEN roll <= chance THEN 'accepted'
              ELSE 'rejected' END AS outcome
  FROM target
  UNION ALL
  SELECT p.offer_id, p.scholar_id, p.player_id, t.patron, NULL, NULL,
         CASE WHEN :outcome = 'accepted' OR (:outcome IS NULL AND t.roll <= t.chance) THEN 'rejected'
              ELSE 'accepted' END
  FROM target t JOIN offers p ON p.offer_id = t.parent_id
)
SELECT offer_id, player_id, outcome, chance, roll FROM decided ORDER BY offer_id;

-- emit: influence.changed
WITH target AS (
  SELECT o.offer_id, o.parent_id, o.scholar_id, o.player_id, o.kind, s.patron,
         dice('offer:' || o.offer_id, 100) AS roll,
         GREATEST(5, LEAST(95, 30
           + 10 * COALESCE((SELECT sum(e.amount) FROM offer_escrow e WHERE e.offer_id = o.offer_id), 0)
           + COALESCE((SELECT floor(f.feeling * 5)::integer FROM scholar_feelings f
                       WHERE f.scholar_id = o.scholar_id AND f.subject = o.player_id), 0))) AS chance
  FROM offers o JOIN scholars s ON s.scholar_id = o.scholar_id
  WHERE o.offer_id = :offer_id
), decided AS (
  SELECT offer_id, scholar_id, player_id, patron, chance, roll,
         CASE WHEN :outcome IS NOT NULL THEN :outcome WHEN roll <= chance THEN 'accepted'
              ELSE 'rejected' END AS outcome
  FROM target
  UNION ALL
  SELECT p.offer_id, p.scholar_id, p.player_id, t.patron, NULL, NULL,
         CASE WHEN :outcome = 'accepted' OR (:outcome IS NULL AND t.roll <= t.chance) THEN 'rejected'
              ELSE 'accepted' END
  FROM target t JOIN offers p ON p.offer_id = t.parent_id
)
SELECT i.player_id, i.faction, e.amount AS delta, i.influence + e.amount AS influence, 'release' AS kind,
       'offer ' || d.outcome AS reason, d.offer_id AS source
FROM decided d JOIN offer_escrow e ON e.offer_id = d.offer_id
JOIN player_influence i ON i.player_id = d.player_id AND i.faction = e.faction
WHERE d.outcome <> 'accepted' ORDER BY d.offer_id, i.faction;

-- emit: scholar.defected
WITH target AS (
  SELECT o.offer_id, o.parent_id, o.scholar_id, o.player_id, o.kind, s.patron,
         dice('offer:' || o.offer_id, 100) AS roll,
         GREATEST(5, LEAST(95, 30
           + 10 * COALESCE((SELECT sum(e.amount) FROM offer_escrow e WHERE e.offer_id = o.offer_id), 0)
           + COALESCE((SELECT floor(f.feeling * 5)::integer FROM scholar_feelings f
                       WHERE f.scholar_id = o.scholar_id AND f.subject = o.player_id), 0))) AS chance
  FROM offers o JOIN scholars s ON s.scholar_id = o.scholar_id
  WHERE o.offer_id = :offer_id
), decided AS (
  SELECT offer_id, scholar_id, player_id, patron, chance, roll,
         CASE WHEN :outcome IS NOT NULL THEN :outcome WHEN roll <= chance THEN 'accepted'
              ELSE 'rejected' END AS outcome
  FROM target
  UNION ALL
  SELECT p.offer_id, p.scholar_id, p.player_id, t.patron, NULL, NULL,
         CASE WHEN :outcome = 'accepted' OR (:outcome IS NULL AND t.roll <= t.chance) THEN 'rejected'
              ELSE 'accepted' END
  FROM target t JOIN offers p ON p.offer_id = t.parent_id
)
SELECT scholar_id, player_id, patron AS from_player, offer_id FROM decided
WHERE outcome = 'accepted' AND (patron IS NULL OR patron <> player_id) ORDER BY scholar_id;

-- emit: scholar.scarred
WITH target AS (
  SELECT o.offer_id, o.parent_id, o.scholar_id, o.player_id, o.kind, s.patron,
         dice('offer:' || o.offer_id, 100) AS roll,
         GREATEST(5, LEAST(95, 30
           + 10 * COALESCE((SELECT sum(e.amount) FROM offer_escrow e WHERE e.offer_id = o.offer_id), 0)
           + COALESCE((SELECT floor(f.feeling * 5)::integer FROM scholar_feelings f
                       WHERE f.scholar_id = o.scholar_id AND f.subject = o.player_id), 0))) AS chance
  FROM offers o JOIN scholars s ON s.scholar_id = o.scholar_id
  WHERE o.offer_id = :offer_id
), decided AS (
  SELECT offer_id, scholar_id, player_id, patron, chance, roll,
         CASE WHEN :outcome IS NOT NULL THEN :outcome WHEN roll <= chance THEN 'accepted'
              ELSE 'rejected' END AS outcome
  FROM target
  UNION ALL
  SELECT p.offer_id, p.scholar_id, p.player_id, t.patron, NULL, NULL,
         CASE WHEN :outcome = 'accepted' OR (:outcome IS NULL AND t.roll <= t.chance) THEN 'rejected'
              ELSE 'accepted' END
  FROM target t JOIN offers p ON p.offer_id = t.parent_id
)
SELECT scholar_id, patron AS subject, 'left for ' || player_id AS tag FROM decided
WHERE outcome = 'accepted' AND patron <> player_id
  AND NOT EXISTS (SELECT 1 FROM scholar_scars c WHERE c.scholar_id = decided.scholar_id
                  AND c.subject = decided.patron AND c.tag = 'left for ' || decided.player_id)
ORDER BY scholar_id;

-- emit: scholar.remembered
WITH target AS (
  SELECT o.offer_id, o.parent_id, o.scholar_id, o.player_id, o.kind, s.patron,
         dice('offer:' || o.offer_id, 100) AS roll,
         GREATEST(5, LEAST(95, 30
           + 10 * COALESCE((SELECT sum(e.amount) FROM offer_escrow e WHERE e.offer_id = o.offer_id), 0)
           + COALESCE((SELECT floor(f.feeling * 5)::integer FROM scholar_feelings f
                       WHERE f.scholar_id = o.scholar_id AND f.subject = o.player_id), 0))) AS chance
  FROM offers o JOIN scholars s ON s.scholar_id = o.scholar_id
  WHERE o.offer_id = :offer_id
), decided AS (
  SELECT offer_id, scholar_id, player_id, patron, chance, roll,
         CASE WHEN :outcome IS NOT NULL THEN :outcome WHEN roll <= chance THEN 'accepted'
              ELSE 'rejected' END AS outcome
  FROM target
  UNION ALL
  SELECT p.offer_id, p.scholar_id, p.player_id, t.patron, NULL, NULL,
         CASE WHEN :outcome = 'accepted' OR (:outcome IS NULL AND t.roll <= t.chance) THEN 'rejected'
              ELSE 'accepted' END
  FROM target t JOIN offers p ON p.offer_id = t.parent_id
)
SELECT scholar_id, 'offer_' || outcome AS type, player_id AS by,
       jsonb_build_object('offer_id', offer_id) AS details
FROM decided ORDER BY offer_id;

-- emit: press.scheduled
WITH target AS (
  SELECT o.offer_id, o.parent_id, o.scholar_id, o.player_id, o.kind, s.patron,
         dice('offer:' || o.offer_id, 100) AS roll,
         GREATEST(5, LEAST(95, 30
           + 10 * COALESCE((SELECT sum(e.amount) FROM offer_escrow e WHERE e.offer_id = o.offer_id), 0)
           + COALESCE((SELECT floor(f.feeling * 5)::integer FROM scholar_feelings f
                       WHERE f.scholar_id = o.scholar_id AND f.subject = o.player_id), 0))) AS chance
  FROM offers o JOIN scholars s ON s.scholar_id = o.scholar_id
  WHERE o.offer_id = :offer_id
), decided AS (
  SELECT offer_id, scholar_id, player_id, patron, chance, roll,
         CASE WHEN :outcome IS NOT NULL THEN :outcome WHEN roll <= chance THEN 'accepted'
              ELSE 'rejected' END AS outcome
  FROM target
  UNION ALL
  SELECT p.offer_id, p.scholar_id, p.player_id, t.patron, NULL, NULL,
         CASE WHEN :outcome = 'accepted' OR (:outcome IS NULL AND t.roll <= t.chance) THEN 'rejected'
              ELSE 'accepted' END
  FROM target t JOIN offers p ON p.offer_id = t.parent_id
)
SELECT 'offer.resolved:' || d.offer_id AS press_id, 'negotiation' AS kind,
       'The offer of ' || p.name || ' is ' || d.outcome AS headline,
       s.name || ' has decided: the offer of ' || p.name || ' is ' || d.outcome || '.' AS body,
       COALESCE(:release_at, now()) AS release_at, p.player_id, 'offer.resolved' AS source_type,
       d.offer_id AS source_id
FROM decided d JOIN players p ON p.player_id = d.player_id JOIN scholars s ON s.scholar_id = d.scholar_id
ORDER BY d.offer_id;

-- emit: order.completed
SELECT order_id FROM orders
WHERE kind = 'offer_evaluation' AND subject = :offer_id AND status = 'pending' ORDER BY order_id;
