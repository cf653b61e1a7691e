-- Begins a promised mentorship. A scholar has one mentor at a time.
-- check: the game is paused
SELECT NOT paused FROM timeline;

-- check: no pending mentorship :mentorship_id
SELECT EXISTS (SELECT 1 FROM mentorships WHERE mentorship_id = :mentorship_id AND status = 'pending');

-- check: the scholar has a mentor already
SELECT NOT EXISTS (SELECT 1
                   FROM mentorships m JOIN mentorships o ON o.scholar_id = m.scholar_id
                     AND o.status = 'active'
                   WHERE m.mentorship_id = :mentorship_id);

-- emit: mentorship.activated
SELECT mentorship_id, player_id, scholar_id FROM mentorships WHERE mentorship_id = :mentorship_id;

-- emit: scholar.remembered
SELECT scholar_id, 'mentorship' AS type, player_id AS by,
       jsonb_build_object('mentorship_id', mentorship_id, 'event', 'activation') AS details
FROM mentorships WHERE mentorship_id = :mentorship_id;

-- emit: scholar.felt
SELECT m.scholar_id, m.player_id AS subject, 0.5 AS delta, COALESCE(f.feeling, 0.0) + 0.5 AS feeling,
       'mentorship' AS reason
FROM mentorships m LEFT JOIN scholar_feelings f ON f.scholar_id = m.scholar_id AND f.subject = m.player_id
WHERE m.mentorship_id = :mentorship_id;

-- emit: order.completed
SELECT order_id FROM orders
WHERE kind = 'mentorship_activation' AND subject = :mentorship_id AND status = 'pending' ORDER BY order_id;
