-- Says that some work was done.
-- check: no pending order :order_id
SELECT EXISTS (SELECT 1 FROM orders WHERE order_id = :order_id AND status = 'pending');

-- emit: order.completed
SELECT :order_id AS order_id, :result AS result;
