-- expect 1: no scheduled press :press_id
UPDATE press_releases SET state = 'released', released_at = :at
WHERE press_id = :press_id AND state = 'scheduled';
