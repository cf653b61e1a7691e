-- expect 1: no failed order :order_id
UPDATE orders SET status = 'pending', attempts = 0, due_at = :due_at, closed_at = NULL, result = NULL
WHERE order_id = :order_id AND status = 'failed';
