INSERT INTO symposium_topics (topic_id, proposal_id, topic, status, started_in)
VALUES (:topic_id, :proposal_id, :topic, 'voting', :moment);

UPDATE symposium_proposals SET status = 'selected' WHERE proposal_id = :proposal_id;
