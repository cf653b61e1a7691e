INSERT INTO orders (order_id, kind, subject, actor, payload, status, max_attempts, opened_at, due_at)
VALUES (:order_id, :kind, :subject, :player_id, COALESCE(:details, '{}'::jsonb), 'pending',
        COALESCE(:max_attempts, 3), :at, :due_at);

INSERT INTO player_events (player_id, sequence)
SELECT :player_id::text, :sequence WHERE :player_id::text IS NOT NULL;
