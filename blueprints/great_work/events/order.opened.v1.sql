INSERT INTO orders (order_id, kind, subject, actor, payload, status, max_attempts, opened_at, due_at)
VALUES (:order_id, :kind, :subject, :player_id, COALESCE(:details, '{}'::jsonb), 'pending',
        COALESCE(:max_attempts, 3), :at, :due_at);
