-- Takes a text back before it appears.
-- check: no scheduled press :press_id
SELECT EXISTS (SELECT 1 FROM press_releases WHERE press_id = :press_id AND state = 'scheduled');

-- emit: press.withdrawn
SELECT :press_id AS press_id, :reason AS reason;
