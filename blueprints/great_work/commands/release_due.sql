-- Releases a text whose time has come, unless a digest did so before. Does nothing when it was withdrawn meanwhile.
-- check: the time of :press_id has not come
SELECT NOT EXISTS (SELECT 1 FROM press_releases
                   WHERE press_id = :press_id AND state = 'scheduled' AND release_at > now());

-- emit: press.released
SELECT press_id FROM press_releases WHERE press_id = :press_id AND state = 'scheduled';
