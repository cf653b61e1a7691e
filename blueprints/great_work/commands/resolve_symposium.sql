-- Counts the votes; the lowest option wins a tie. Who did not vote loses the pledge: the first miss in a row
-- is waived,
-- and what the balance does not cover becomes a debt.
-- check: the game is paused
SELECT NOT paused FROM timeline;

-- check: no open topic :topic_id
SELECT EXISTS (SELECT 1 FROM symposium_topics WHERE topic_id = :topic_id AND status = 'voting');

-- emit: symposium.resolved
SELECT :topic_id AS topic_id,
       (SELECT v.option FROM (SELECT option, count(*) AS votes FROM symposium_votes WHERE topic_id = :topic_id
                              GROUP BY option) v ORDER BY v.votes DESC, v.option LIMIT 1) AS winner,
       COALESCE((SELECT jsonb_object_agg(v.option::text, v.votes)
                 FROM (SELECT option, count(*) AS votes FROM symposium_votes WHERE topic_id = :topic_id
                       GROUP BY option) v), '{}'::jsonb) AS votes;

-- emit: symposium.pledge_settled
WITH missed AS (
  SELECT g.player_id, g.faction, g.amount, i.influence, COALESCE(t.miss_streak, 0) AS miss_streak,
         CASE WHEN COALESCE(t.miss_streak, 0) = 0 THEN 0
              ELSE LEAST(g.amount, GREATEST(0, i.influence)) END AS paid
  FROM symposium_pledges g
  JOIN player_influence i ON i.player_id = g.player_id AND i.faction = g.faction
  LEFT JOIN symposium_participation t ON t.player_id = g.player_id
  WHERE g.topic_id = :topic_id AND g.status = 'pending'
)
SELECT :topic_id AS topic_id, player_id, faction,
       CASE WHEN miss_streak = 0 THEN 'waived' WHEN paid = amount THEN 'paid' ELSE 'owed' END AS status,
       paid, CASE WHEN miss_streak = 0 THEN 0 ELSE amount - paid END AS owed, miss_streak + 1 AS miss_streak
FROM missed ORDER BY player_id;

-- emit: influence.changed
WITH missed AS (
  SELECT g.player_id, g.faction, g.amount, i.influence, COALESCE(t.miss_streak, 0) AS miss_streak,
         CASE WHEN COALESCE(t.miss_streak, 0) = 0 THEN 0
              ELSE LEAST(g.amount, GREATEST(0, i.influence)) END AS paid
  FROM symposium_pledges g
  JOIN player_influence i ON i.player_id = g.player_id AND i.faction = g.faction
  LEFT JOIN symposium_participation t ON t.player_id = g.player_id
  WHERE g.topic_id = :topic_id AND g.status = 'pending'
)
SELECT player_id, faction, -paid AS delta, influence - paid AS influence, 'cost' AS kind,
       'symposium pledge' AS reason, :topic_id AS source
FROM missed WHERE paid > 0 ORDER BY player_id;

-- emit: debt.changed
WITH missed AS (
  SELECT g.player_id, g.faction, g.amount, i.influence, COALESCE(t.miss_streak, 0) AS miss_streak,
         CASE WHEN COALESCE(t.miss_streak, 0) = 0 THEN 0
              ELSE LEAST(g.amount, GREATEST(0, i.influence)) END AS paid
  FROM symposium_pledges g
  JOIN player_influence i ON i.player_id = g.player_id AND i.faction = g.faction
  LEFT JOIN symposium_participation t ON t.player_id = g.player_id
  WHERE g.topic_id = :topic_id AND g.status = 'pending'
)
SELECT m.player_id, m.faction, 'symposium' AS source, m.amount - m.paid AS delta,
       COALESCE(d.amount, 0) + m.amount - m.paid AS amount, 'symposium pledge' AS reason
FROM missed m LEFT JOIN debts d ON d.player_id = m.player_id AND d.faction = m.faction
  AND d.source = 'symposium'
WHERE m.miss_streak > 0 AND m.amount > m.paid ORDER BY m.player_id;

-- emit: press.scheduled
SELECT 'symposium.resolved:' || t.topic_id AS press_id, 'symposium_resolution' AS kind,
       'The symposium has decided' AS headline,
       t.topic || ' The votes are counted.' AS body,
       COALESCE(:release_at, now()) AS release_at, NULL::text AS player_id,
       'symposium.resolved' AS source_type, t.topic_id AS source_id
FROM symposium_topics t WHERE t.topic_id = :topic_id;

-- emit: order.completed
SELECT order_id FROM orders
WHERE kind = 'symposium_resolution' AND subject = :topic_id AND status = 'pending' ORDER BY order_id;

-- emit: order.cancelled
SELECT order_id, 'the vote is over' AS reason FROM orders
WHERE kind = 'vote_reminder' AND subject = :topic_id AND status = 'pending' ORDER BY order_id;
