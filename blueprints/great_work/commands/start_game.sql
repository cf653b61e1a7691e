-- Ties the clock to the real day on which the first year began.
-- check: the game has started already
SELECT anchor IS NULL FROM timeline;

-- emit: game.started
SELECT :anchor AS anchor;
