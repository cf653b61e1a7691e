-- Ends a year: the next one begins and feelings decay. Does nothing when that year has ended already, so it
-- may be
-- tried again.
-- check: the game is paused
SELECT NOT paused FROM timeline;

-- check: the year :year has not begun
SELECT :year <= current_year FROM timeline;

-- check: the feelings of the years before :year have not decayed yet
SELECT :year <= decayed_through + 1 FROM timeline;

-- emit: year.advanced
SELECT 1 AS years, current_year AS from_year, current_year + 1 AS to_year FROM timeline
WHERE current_year = :year;

-- emit: feelings.decayed
SELECT :year AS year, 0.98 AS factor FROM timeline WHERE decayed_through = :year - 1;
