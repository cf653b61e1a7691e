-- expect 1: no pending order :order_id
UPDATE orders SET status = 'cancelled', closed_at = :at, result = :reason
WHERE order_id = :order_id AND status = 'pending';
