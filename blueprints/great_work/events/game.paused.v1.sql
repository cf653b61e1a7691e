-- expect 1: the game is paused already
UPDATE timeline SET paused = true, paused_reason = :reason WHERE NOT paused;
