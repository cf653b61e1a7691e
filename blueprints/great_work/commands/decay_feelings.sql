-- Lets the feelings of an ended year decay; does nothing when they have.
-- check: the game is paused
SELECT NOT paused FROM timeline;

-- check: the year :year has not ended
SELECT :year < current_year FROM timeline;

-- check: the feelings of the years before :year have not decayed yet
SELECT :year <= decayed_through + 1 FROM timeline;

-- emit: feelings.decayed
SELECT :year AS year, 0.98 AS factor FROM timeline WHERE decayed_through = :year - 1;
