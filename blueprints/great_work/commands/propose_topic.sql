-- Proposes a topic for the symposium.
-- check: the game is paused
SELECT NOT paused FROM timeline;

-- check: unknown player :player_id
SELECT EXISTS (SELECT 1 FROM players WHERE player_id = :player_id);

-- check: there is a proposal :proposal_id already
SELECT :proposal_id IS NULL
         OR NOT EXISTS (SELECT 1 FROM symposium_proposals WHERE proposal_id = :proposal_id);

-- emit: symposium.proposed
SELECT COALESCE(:proposal_id, new_uuid('proposal')::text) AS proposal_id, :player_id AS player_id,
       :topic AS topic,
       :description AS description, :expires_at AS expires_at;

-- emit: press.scheduled
SELECT 'symposium.proposed:' || COALESCE(:proposal_id, new_uuid('proposal')::text) AS press_id,
       'symposium_proposal' AS kind,
       p.name || ' proposes a topic' AS headline,
       'Proposed for the symposium: ' || :topic AS body,
       COALESCE(:release_at, now()) AS release_at, p.player_id AS player_id,
       'symposium.proposed' AS source_type,
       COALESCE(:proposal_id, new_uuid('proposal')::text) AS source_id
FROM players p WHERE p.player_id = :player_id;
