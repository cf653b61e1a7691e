-- Releases a text whose time has come.
-- check: no scheduled press :press_id
SELECT EXISTS (SELECT 1 FROM press_releases WHERE press_id = :press_id AND state = 'scheduled');

-- check: the time of :press_id has not come
SELECT release_at <= now() FROM press_releases WHERE press_id = :press_id;

-- emit: press.released
SELECT :press_id AS press_id;
