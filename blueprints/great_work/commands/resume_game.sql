-- Lets a paused game go on.
-- check: the game is not paused
SELECT paused FROM timeline;

-- emit: game.resumed
SELECT :reason AS reason;
