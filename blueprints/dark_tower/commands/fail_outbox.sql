-- Counts a failed attempt: the next one is 50 ms x 2^n later, 5 s at most. After 20 it is given up.
-- check: no such organization
SELECT EXISTS (SELECT 1 FROM organization);

-- check: nothing pending is :outbox_id
SELECT EXISTS (SELECT 1 FROM outbox WHERE outbox_id = :outbox_id AND status = 'pending');

-- emit: outbox.attempt_failed
SELECT x.outbox_id, x.attempts + 1 AS attempts,
       CASE WHEN x.attempts + 1 >= 20 THEN 'failed' ELSE 'pending' END AS status,
       CASE x.attempts WHEN 0 THEN now() + interval '50 milliseconds'
                       WHEN 1 THEN now() + interval '100 milliseconds'
                       WHEN 2 THEN now() + interval '200 milliseconds'
                       WHEN 3 THEN now() + interval '400 milliseconds'
                       WHEN 4 THEN now() + interval '800 milliseconds'
                       WHEN 5 THEN now() + interval '1600 milliseconds'
                       WHEN 6 THEN now() + interval '3200 milliseconds'
                       ELSE now() + interval '5 seconds' END AS next_attempt_at,
       :error AS error
FROM outbox x WHERE x.outbox_id = :outbox_id;
