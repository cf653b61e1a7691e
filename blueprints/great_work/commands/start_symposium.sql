-- Puts a proposed topic to the vote. Every player pledges influence with the faction they stand best with,
-- and is
-- reminded when reminders are due.
-- check: the game is paused
SELECT NOT paused FROM timeline;

-- check: no pending proposal :proposal_id
SELECT EXISTS (SELECT 1 FROM symposium_proposals WHERE proposal_id = :proposal_id AND status = 'pending');

-- check: there is a topic :topic_id already
SELECT :topic_id IS NULL OR NOT EXISTS (SELECT 1 FROM symposium_topics WHERE topic_id = :topic_id);

-- emit: symposium.started
SELECT COALESCE(:topic_id, new_uuid('topic')::text) AS topic_id, topic, proposal_id
FROM symposium_proposals WHERE proposal_id = :proposal_id;

-- emit: symposium.pledged
SELECT COALESCE(:topic_id, new_uuid('topic')::text) AS topic_id, best.player_id, best.faction,
       COALESCE(:pledge, 2) AS amount
FROM (SELECT player_id, faction,
      row_number() OVER (PARTITION BY player_id ORDER BY influence DESC, faction) AS place
      FROM player_influence) best
WHERE best.place = 1 ORDER BY best.player_id;

-- emit: press.scheduled
SELECT 'symposium.started:' || COALESCE(:topic_id, new_uuid('topic')::text) AS press_id,
       'symposium_announcement' AS kind,
       'The symposium opens' AS headline,
       'To the vote: ' || s.topic AS body,
       COALESCE(:release_at, now()) AS release_at, s.player_id AS player_id,
       'symposium.started' AS source_type,
       COALESCE(:topic_id, new_uuid('topic')::text) AS source_id
FROM symposium_proposals s WHERE s.proposal_id = :proposal_id;

-- emit: order.opened
SELECT 'reminder:' || COALESCE(:topic_id, new_uuid('topic')::text) || ':' || p.player_id AS order_id,
       'vote_reminder' AS kind, COALESCE(:topic_id, new_uuid('topic')::text) AS subject, p.player_id,
       COALESCE(:remind_at, :due_at, now()) AS due_at
FROM players p ORDER BY p.player_id;

-- emit: order.opened
SELECT 'symposium:' || COALESCE(:topic_id, new_uuid('topic')::text) AS order_id,
       'symposium_resolution' AS kind,
       COALESCE(:topic_id, new_uuid('topic')::text) AS subject, COALESCE(:due_at, now()) AS due_at;
