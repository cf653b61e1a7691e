-- expect 1: no pending pledge of :player_id for :topic_id
UPDATE symposium_pledges SET status = :status
WHERE topic_id = :topic_id AND player_id = :player_id AND status = 'pending';

INSERT INTO symposium_participation (player_id, miss_streak) VALUES (:player_id, :miss_streak)
ON CONFLICT (player_id) DO UPDATE SET miss_streak = excluded.miss_streak;

INSERT INTO player_events (player_id, sequence) VALUES (:player_id, :sequence);
