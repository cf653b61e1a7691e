-- Plays a follow-up: a grudge deepens by 0.5, the story of a scholar who stepped in goes on.
-- check: the game is paused
SELECT NOT paused FROM timeline;

-- check: no pending order :order_id
SELECT EXISTS (SELECT 1 FROM orders WHERE order_id = :order_id AND status = 'pending');

-- check: :order_id is no follow-up of a scholar
SELECT EXISTS (SELECT 1 FROM orders o JOIN scholars s ON s.scholar_id = o.subject
               WHERE o.order_id = :order_id AND o.kind LIKE 'followup:%' AND s.status = 'active');

-- emit: scholar.felt
SELECT o.subject AS scholar_id, o.actor AS subject, -0.5 AS delta, COALESCE(f.feeling, 0.0) - 0.5 AS feeling,
       'grudge' AS reason
FROM orders o LEFT JOIN scholar_feelings f ON f.scholar_id = o.subject AND f.subject = o.actor
WHERE o.order_id = :order_id AND o.kind = 'followup:recruitment_grudge' AND o.actor IS NOT NULL;

-- emit: sidecast.advanced
SELECT o.subject AS scholar_id, o.actor AS player_id, COALESCE(o.payload ->> 'arc', 'unknown') AS arc,
       COALESCE(o.payload ->> 'phase', 'debut') AS phase
FROM orders o WHERE o.order_id = :order_id AND o.kind LIKE 'followup:sidecast%';

-- emit: scholar.remembered
SELECT o.subject AS scholar_id, replace(o.kind, 'followup:', '') AS type, o.actor AS by, o.payload AS details
FROM orders o WHERE o.order_id = :order_id;

-- emit: order.completed
SELECT order_id, replace(kind, 'followup:', '') AS result FROM orders WHERE order_id = :order_id;
