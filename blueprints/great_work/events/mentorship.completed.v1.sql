-- expect 1: no active mentorship :mentorship_id
UPDATE mentorships SET status = 'completed', ended_in = :moment
WHERE mentorship_id = :mentorship_id AND status = 'active';

INSERT INTO player_events (player_id, sequence) VALUES (:player_id, :sequence);
