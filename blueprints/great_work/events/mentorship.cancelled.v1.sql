-- expect 1: no open mentorship :mentorship_id
UPDATE mentorships SET status = 'cancelled', ended_in = :moment
WHERE mentorship_id = :mentorship_id AND status IN ('pending', 'active');

INSERT INTO player_events (player_id, sequence) VALUES (:player_id, :sequence);
