-- Moves the clock. The feelings of each year that ends so still decay by decay_feelings, once each.
-- check: the game is paused
SELECT NOT paused FROM timeline;

-- emit: year.advanced
SELECT :years AS years, current_year AS from_year, current_year + :years AS to_year FROM timeline;
