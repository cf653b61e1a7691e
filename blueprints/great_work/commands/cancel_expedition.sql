-- Calls an expedition off; what it cost is gone.
-- check: the game is paused
SELECT NOT paused FROM timeline;

-- check: no open expedition :expedition_id
SELECT EXISTS (SELECT 1 FROM expeditions
               WHERE expedition_id = :expedition_id AND status IN ('queued', 'launched'));

-- emit: expedition.cancelled
SELECT expedition_id, player_id, :reason AS reason FROM expeditions WHERE expedition_id = :expedition_id;

-- emit: order.cancelled
SELECT order_id, 'the expedition was cancelled' AS reason FROM orders
WHERE kind = 'expedition_resolution' AND subject = :expedition_id AND status = 'pending' ORDER BY order_id;
