-- Counts a failed attempt. After the last one the order is failed and stops nobody.
-- check: no pending order :order_id
SELECT EXISTS (SELECT 1 FROM orders WHERE order_id = :order_id AND status = 'pending');

-- emit: order.failed
SELECT order_id, :reason AS reason, attempts + 1 AS attempts,
       CASE WHEN attempts + 1 >= max_attempts THEN 'failed' ELSE 'pending' END AS status,
       CASE WHEN attempts + 1 >= max_attempts THEN NULL ELSE :retry_at END AS due_at
FROM orders WHERE order_id = :order_id;
