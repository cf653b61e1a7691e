-- Tries again what was given up, if its meeting is still active.
-- check: no such organization
SELECT EXISTS (SELECT 1 FROM organization);

-- check: :outbox_id was not given up, or its meeting is over
SELECT EXISTS (SELECT 1 FROM outbox x JOIN meetings m ON m.meeting_id = x.meeting_id
               WHERE x.outbox_id = :outbox_id AND x.status = 'failed' AND m.status = 'active');

-- emit: outbox.retried
SELECT :outbox_id AS outbox_id, :ip AS ip, :user_agent AS user_agent;
