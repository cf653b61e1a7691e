INSERT INTO press_shares (sequence, press_id, player_id, channel, shared_at)
VALUES (:sequence, :press_id, :player_id, :channel, :at);

INSERT INTO player_events (player_id, sequence) VALUES (:player_id, :sequence);
