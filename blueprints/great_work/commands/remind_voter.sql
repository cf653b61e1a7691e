-- Reminds a player to vote.
-- check: the game is paused
SELECT NOT paused FROM timeline;

-- check: unknown player :player_id
SELECT EXISTS (SELECT 1 FROM players WHERE player_id = :player_id);

-- check: no open topic :topic_id
SELECT EXISTS (SELECT 1 FROM symposium_topics WHERE topic_id = :topic_id AND status = 'voting');

-- emit: symposium.reminded
SELECT :topic_id AS topic_id, :player_id AS player_id, COALESCE(:level, 'first') AS level,
       (SELECT amount FROM symposium_pledges WHERE topic_id = :topic_id AND player_id = :player_id) AS amount;

-- emit: press.scheduled
SELECT new_uuid('press:reminder')::text AS press_id, 'symposium_reminder' AS kind,
       p.name || ' has not voted' AS headline, 'The symposium waits for ' || p.name || ': '
         || t.topic AS body,
       COALESCE(:release_at, now()) AS release_at, p.player_id, 'symposium.reminded' AS source_type,
       t.topic_id AS source_id
FROM players p CROSS JOIN symposium_topics t WHERE p.player_id = :player_id AND t.topic_id = :topic_id;

-- emit: order.completed
SELECT order_id FROM orders
WHERE kind = 'vote_reminder' AND subject = :topic_id AND actor = :player_id AND status = 'pending'
ORDER BY order_id;
