-- Gives a scholar a nickname.
-- check: the game is paused
SELECT NOT paused FROM timeline;

-- check: unknown player :player_id
SELECT EXISTS (SELECT 1 FROM players WHERE player_id = :player_id);

-- check: no active scholar :scholar_id
SELECT EXISTS (SELECT 1 FROM scholars WHERE scholar_id = :scholar_id AND status = 'active');

-- emit: nickname.adopted
SELECT :scholar_id AS scholar_id, :player_id AS player_id, :nickname AS nickname;
