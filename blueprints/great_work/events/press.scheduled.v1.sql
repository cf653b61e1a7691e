INSERT INTO press_bodies (body_hash, body)
VALUES (encode(sha256(convert_to(:body, 'UTF8')), 'hex'), :body)
ON CONFLICT (body_hash) DO NOTHING;

INSERT INTO press_releases (press_id, kind, headline, body_hash, source_type, source_id, sequence, game_year,
                            release_at, state)
VALUES (:press_id, :kind, :headline, encode(sha256(convert_to(:body, 'UTF8')), 'hex'), :source_type,
        :source_id,
        :sequence, :moment, :release_at, 'scheduled');

INSERT INTO player_events (player_id, sequence)
SELECT :player_id::text, :sequence WHERE :player_id::text IS NOT NULL;
