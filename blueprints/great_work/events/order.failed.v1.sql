-- expect 1: no pending order :order_id with one attempt less than :attempts
UPDATE orders SET status = :status, attempts = :attempts, result = :reason,
       due_at = COALESCE(:due_at, due_at),
  closed_at = CASE WHEN :status = 'failed' THEN :at END
WHERE order_id = :order_id AND status = 'pending' AND attempts + 1 = :attempts;
