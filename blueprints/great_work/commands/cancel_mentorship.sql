-- Breaks a mentorship off.
-- check: the game is paused
SELECT NOT paused FROM timeline;

-- check: no open mentorship :mentorship_id
SELECT EXISTS (SELECT 1 FROM mentorships
               WHERE mentorship_id = :mentorship_id AND status IN ('pending', 'active'));

-- emit: mentorship.cancelled
SELECT mentorship_id, player_id, scholar_id, :reason AS reason FROM mentorships
WHERE mentorship_id = :mentorship_id;

-- emit: order.cancelled
SELECT order_id, 'the mentorship was cancelled' AS reason FROM orders
WHERE kind = 'mentorship_activation' AND subject = :mentorship_id AND status = 'pending' ORDER BY order_id;
