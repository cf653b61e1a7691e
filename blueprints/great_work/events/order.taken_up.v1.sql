-- expect 1: no pending order :order_id
UPDATE orders SET due_at = :due_at WHERE order_id = :order_id AND status = 'pending';
