-- Stops the game: players and the scheduler are refused until it is resumed, restarts included.
-- check: the game is paused already
SELECT NOT paused FROM timeline;

-- emit: game.paused
SELECT :reason AS reason;
