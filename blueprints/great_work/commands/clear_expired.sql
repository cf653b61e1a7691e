-- Closes proposals and theories whose time is over.
-- check: the game is paused
SELECT NOT paused FROM timeline;

-- emit: symposium.proposal_expired
SELECT proposal_id, player_id FROM symposium_proposals
WHERE status = 'pending' AND expires_at <= now() ORDER BY proposal_id;
