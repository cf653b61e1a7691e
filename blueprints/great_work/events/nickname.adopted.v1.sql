INSERT INTO scholar_nicknames (scholar_id, player_id, nickname, adopted_at)
VALUES (:scholar_id, :player_id, :nickname, :at)
ON CONFLICT (scholar_id, player_id) DO UPDATE SET nickname = excluded.nickname,
adopted_at = excluded.adopted_at;

INSERT INTO player_events (player_id, sequence) VALUES (:player_id, :sequence);
