INSERT INTO mentorships (mentorship_id, player_id, scholar_id, track, status, queued_in)
VALUES (:mentorship_id, :player_id, :scholar_id, :track, 'pending', :moment);

INSERT INTO player_events (player_id, sequence) VALUES (:player_id, :sequence);
