-- Votes on a topic, once.
-- check: the game is paused
SELECT NOT paused FROM timeline;

-- check: unknown player :player_id
SELECT EXISTS (SELECT 1 FROM players WHERE player_id = :player_id);

-- check: no open topic :topic_id
SELECT EXISTS (SELECT 1 FROM symposium_topics WHERE topic_id = :topic_id AND status = 'voting');

-- check: :player_id has voted on :topic_id
SELECT NOT EXISTS (SELECT 1 FROM symposium_votes WHERE topic_id = :topic_id AND player_id = :player_id);

-- emit: symposium.voted
SELECT :topic_id AS topic_id, :player_id AS player_id, :option AS option;

-- emit: order.cancelled
SELECT order_id, 'voted' AS reason FROM orders
WHERE kind = 'vote_reminder' AND subject = :topic_id AND actor = :player_id AND status = 'pending'
ORDER BY order_id;
