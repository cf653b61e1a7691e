-- expect 1: no pending mentorship :mentorship_id
UPDATE mentorships SET status = 'active', activated_in = :moment
WHERE mentorship_id = :mentorship_id AND status = 'pending';

INSERT INTO player_events (player_id, sequence) VALUES (:player_id, :sequence);
