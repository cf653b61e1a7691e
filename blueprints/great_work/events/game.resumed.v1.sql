-- expect 1: the game is not paused
UPDATE timeline SET paused = false, paused_reason = NULL WHERE paused;
