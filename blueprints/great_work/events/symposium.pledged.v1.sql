INSERT INTO symposium_pledges (topic_id, player_id, faction, amount, status)
VALUES (:topic_id, :player_id, :faction, :amount, 'pending');
