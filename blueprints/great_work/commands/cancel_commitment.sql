-- Ends a commitment early.
-- check: the game is paused
SELECT NOT paused FROM timeline;

-- check: no active commitment :commitment_id
SELECT EXISTS (SELECT 1 FROM seasonal_commitments WHERE commitment_id = :commitment_id AND status = 'active');

-- emit: commitment.cancelled
SELECT commitment_id, player_id, :reason AS reason FROM seasonal_commitments
WHERE commitment_id = :commitment_id;
