-- Ends an active mentorship well: the scholar thinks the better of the mentor.
-- check: the game is paused
SELECT NOT paused FROM timeline;

-- check: no active mentorship :mentorship_id
SELECT EXISTS (SELECT 1 FROM mentorships WHERE mentorship_id = :mentorship_id AND status = 'active');

-- emit: mentorship.completed
SELECT mentorship_id, player_id, scholar_id FROM mentorships WHERE mentorship_id = :mentorship_id;

-- emit: scholar.felt
SELECT m.scholar_id, m.player_id AS subject, 1.0 AS delta, COALESCE(f.feeling, 0.0) + 1.0 AS feeling,
       'mentorship' AS reason
FROM mentorships m LEFT JOIN scholar_feelings f ON f.scholar_id = m.scholar_id AND f.subject = m.player_id
WHERE m.mentorship_id = :mentorship_id;
