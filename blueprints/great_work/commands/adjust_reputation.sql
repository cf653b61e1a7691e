-- Corrects a reputation, by somebody in charge who says why.
-- check: an adjustment needs an actor
SELECT :actor <> '';

-- check: unknown player :player_id
SELECT EXISTS (SELECT 1 FROM players WHERE player_id = :player_id);

-- emit: admin.adjusted
SELECT :player_id AS subject, 'reputation by ' || :delta AS change, :reason AS reason;

-- emit: reputation.changed
SELECT p.player_id, GREATEST(-50, LEAST(50, p.reputation + :delta)) - p.reputation AS delta, :delta AS wager,
       GREATEST(-50, LEAST(50, p.reputation + :delta)) AS reputation, 'adjustment' AS reason
FROM players p WHERE p.player_id = :player_id;
