-- expect 1: the game has started already
UPDATE timeline SET anchor = :anchor WHERE anchor IS NULL;
