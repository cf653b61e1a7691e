-- Asks anew for the jobs of all pending orders: after an adoption, or when jobs were called off.
-- emit: order.taken_up
SELECT order_id, due_at FROM orders WHERE status = 'pending' ORDER BY due_at, order_id;
