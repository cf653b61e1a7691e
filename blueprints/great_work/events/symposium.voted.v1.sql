INSERT INTO symposium_votes (topic_id, player_id, option, voted_at) VALUES (:topic_id, :player_id,
                                                                            :option, :at);

UPDATE symposium_pledges SET status = 'fulfilled' WHERE topic_id = :topic_id AND player_id = :player_id;

INSERT INTO symposium_participation (player_id, miss_streak) VALUES (:player_id, 0)
ON CONFLICT (player_id) DO UPDATE SET miss_streak = 0;

INSERT INTO player_events (player_id, sequence) VALUES (:player_id, :sequence);
