-- expect 1: no scheduled press :press_id
UPDATE press_releases SET state = 'withdrawn' WHERE press_id = :press_id AND state = 'scheduled';
