-- Passes a released text on.
-- check: the game is paused
SELECT NOT paused FROM timeline;

-- check: unknown player :player_id
SELECT EXISTS (SELECT 1 FROM players WHERE player_id = :player_id);

-- check: :press_id may not be read yet
SELECT EXISTS (SELECT 1 FROM press_releases
               WHERE press_id = :press_id AND state IN ('released', 'published'));

-- emit: press.shared
SELECT :press_id AS press_id, :player_id AS player_id, :channel AS channel;
