INSERT INTO digests (digest_id, game_year, headline, published_at, items, reactions)
VALUES (:digest_id, :moment, :headline, :at, :items, COALESCE(:reactions, '[]'::jsonb));

UPDATE press_releases SET state = 'published', digest_id = :digest_id WHERE state = 'released';
