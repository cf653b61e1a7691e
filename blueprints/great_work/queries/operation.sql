-- name: clock :one
-- Where the game's clock stands, and whether the game is paused.
SELECT start_year, current_year, anchor, decayed_through, paused, paused_reason FROM timeline;

-- name: years_due :one
-- How many years are over on a day but have not been ended. One real day is one year.
SELECT current_year, GREATEST(0, :today::date - anchor) AS years FROM timeline WHERE anchor IS NOT NULL;

-- name: alerts :many
-- What needs somebody: 6 or more pending orders of a kind; an order that has been due since stale_before (the
-- caller says now less 8 hours); more than 12 press releases waiting; orders given up; work of an unknown
-- kind.
SELECT a.alert, a.subject, a.figure
FROM (
  SELECT 'pending orders' AS alert, kind AS subject, count(*) AS figure
  FROM orders WHERE status = 'pending' GROUP BY kind HAVING count(*) >= 6
  UNION ALL
  SELECT 'stale orders', kind, count(*)
  FROM orders WHERE status = 'pending' AND due_at < :stale_before::timestamptz GROUP BY kind
  UNION ALL
  SELECT 'press queue', 'scheduled', count(*) FROM press_releases
  WHERE state = 'scheduled' HAVING count(*) > 12
  UNION ALL
  SELECT 'failed orders', kind, count(*) FROM orders WHERE status = 'failed' GROUP BY kind
) a
ORDER BY a.alert, a.subject;

-- name: year_statistics :many
-- The figures of the years that ended.
SELECT game_year, events, theories, expeditions, successes, press, reputation_sum
FROM year_statistics ORDER BY game_year;

-- name: digest_plan :many
-- The steps of a digest, in their fixed order: end the years that are over, charge commitments, do the orders
-- that are due (the oldest first), close what has expired, publish; or one order's alone. Each row is a command
-- with its parameters.
-- Who runs it gives each command a transaction of its own; when one is refused and order_id is not NULL it
-- runs
-- fail_order with the reason, and goes on. An order of a kind that nothing consumes is failed at once.
SELECT s.step, s.due_at, s.subject, s.command, s.parameters, s.order_id
FROM (
  SELECT 1 AS step, NULL::timestamptz AS due_at, '' AS subject, 'end_year' AS command,
         jsonb_build_object('year', current_year) AS parameters, NULL::text AS order_id
  FROM timeline WHERE anchor < :today::date AND :order_id::text IS NULL
  UNION ALL
  SELECT 2, NULL, c.commitment_id, 'charge_commitment',
         jsonb_build_object('commitment_id', c.commitment_id, 'year', c.charged_through + 1), NULL
  FROM seasonal_commitments c CROSS JOIN timeline t
  WHERE c.status = 'active' AND c.charged_through < t.current_year AND :order_id::text IS NULL
  UNION ALL
  SELECT 3, o.due_at, o.order_id,
         CASE WHEN o.kind = 'expedition_resolution' THEN 'resolve_expedition'
              WHEN o.kind = 'conference_resolution' THEN 'resolve_conference'
              WHEN o.kind = 'mentorship_activation' THEN 'activate_mentorship'
              WHEN o.kind = 'offer_evaluation' THEN 'resolve_offer'
              WHEN o.kind = 'symposium_resolution' THEN 'resolve_symposium'
              WHEN o.kind = 'vote_reminder' THEN 'remind_voter'
              WHEN o.kind LIKE 'followup:%' THEN 'resolve_followup'
              ELSE 'fail_order' END,
         CASE WHEN o.kind = 'expedition_resolution' THEN jsonb_build_object('expedition_id', o.subject)
              WHEN o.kind = 'conference_resolution' THEN jsonb_build_object('code', o.subject)
              WHEN o.kind = 'mentorship_activation' THEN jsonb_build_object('mentorship_id', o.subject)
              WHEN o.kind = 'offer_evaluation' THEN jsonb_build_object('offer_id', o.subject)
              WHEN o.kind = 'symposium_resolution' THEN jsonb_build_object('topic_id', o.subject)
              WHEN o.kind = 'vote_reminder' THEN jsonb_build_object('topic_id', o.subject, 'player_id',
                                                                    o.actor)
              WHEN o.kind LIKE 'followup:%' THEN jsonb_build_object('order_id', o.order_id)
              ELSE jsonb_build_object('order_id', o.order_id,
                                      'reason', 'nothing does orders of the kind ' || o.kind) END,
         o.order_id
  FROM orders o WHERE o.status = 'pending' AND o.due_at <= :now::timestamptz
    AND (:order_id::text IS NULL OR o.order_id = :order_id::text)
  UNION ALL
  SELECT 4, NULL, '', 'clear_expired', '{}'::jsonb, NULL WHERE :order_id::text IS NULL
  UNION ALL
  SELECT 5, NULL, '', 'publish_digest', '{}'::jsonb, NULL WHERE :order_id::text IS NULL
) s
ORDER BY s.step, s.due_at, s.subject;
