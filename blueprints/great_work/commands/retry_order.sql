-- Gives a failed order another chance.
-- check: no failed order :order_id
SELECT EXISTS (SELECT 1 FROM orders WHERE order_id = :order_id AND status = 'failed');

-- emit: order.retried
SELECT :order_id AS order_id, COALESCE(:due_at, now()) AS due_at;
