-- expect 1: no pending order :order_id
UPDATE orders SET status = 'completed', attempts = attempts + 1, closed_at = :at, result = :result
WHERE order_id = :order_id AND status = 'pending';
