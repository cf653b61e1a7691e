-- Takes a scholar out of the game; the press says farewell.
-- check: the game is paused
SELECT NOT paused FROM timeline;

-- check: no active scholar :scholar_id
SELECT EXISTS (SELECT 1 FROM scholars WHERE scholar_id = :scholar_id AND status = 'active');

-- emit: scholar.retired
SELECT :scholar_id AS scholar_id, :reason AS reason;

-- emit: press.scheduled
SELECT 'scholar.retired:' || s.scholar_id AS press_id, 'farewell' AS kind,
       s.name || ' retires' AS headline,
       s.name || ' leaves the stage. ' || COALESCE(:reason, 'No reason was given.') AS body,
       COALESCE(:release_at, now()) AS release_at, s.patron AS player_id,
       'scholar.retired' AS source_type, s.scholar_id AS source_id
FROM scholars s WHERE s.scholar_id = :scholar_id;
