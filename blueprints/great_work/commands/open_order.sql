-- Orders some work for later.
-- check: there is an order :order_id already
SELECT :order_id IS NULL OR NOT EXISTS (SELECT 1 FROM orders WHERE order_id = :order_id);

-- emit: order.opened
SELECT COALESCE(:order_id, new_uuid('order')::text) AS order_id, :kind AS kind, :subject AS subject,
       :player_id AS player_id, :details AS details, COALESCE(:due_at, now()) AS due_at,
       :max_attempts AS max_attempts;
