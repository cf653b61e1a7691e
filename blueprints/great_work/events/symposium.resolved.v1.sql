-- expect 1: no open topic :topic_id
UPDATE symposium_topics SET status = 'resolved', winner = :winner, resolved_in = :moment
WHERE topic_id = :topic_id AND status = 'voting';
