-- Ends a conference: one roll, 5 more for each supporter, 5 less for each opponent. It decides the theory too
-- if that is still open.
-- check: the game is paused
SELECT NOT paused FROM timeline;

-- check: no open conference :code
SELECT EXISTS (SELECT 1 FROM conferences WHERE code = :code AND outcome IS NULL);

-- emit: conference.resolved
SELECT r.code, r.player_id, dice('conference:' || r.code, 100) AS roll, r.modifier,
       dice('conference:' || r.code, 100) + r.modifier AS total, r.outcome, r.delta AS reputation_change
FROM conference_outcomes r
WHERE r.code = :code
  AND dice('conference:' || r.code, 100) >= r.roll_min AND dice('conference:' || r.code, 100) <= r.roll_max
ORDER BY r.code;

-- emit: theory.resolved
SELECT t.theory_id, t.player_id,
       CASE r.outcome WHEN 'success' THEN 'proven' WHEN 'partial' THEN 'partial' ELSE 'refuted' END
         AS outcome,
       CASE WHEN t.player_id = r.player_id THEN r.delta ELSE 0 END AS reputation_change, r.code AS source
FROM conference_outcomes r JOIN theories t ON t.theory_id = r.theory_id AND t.outcome IS NULL
WHERE r.code = :code
  AND dice('conference:' || r.code, 100) >= r.roll_min AND dice('conference:' || r.code, 100) <= r.roll_max
ORDER BY t.theory_id;

-- emit: reputation.changed
SELECT r.player_id, r.delta, r.wager, r.reputation, 'conference ' || r.outcome AS reason, r.code AS source
FROM conference_outcomes r
WHERE r.code = :code
  AND dice('conference:' || r.code, 100) >= r.roll_min AND dice('conference:' || r.code, 100) <= r.roll_max
ORDER BY r.player_id;

-- emit: scholar.felt
SELECT s.scholar_id, r.player_id AS subject, r.feeling AS delta,
       COALESCE(f.feeling, 0.0) + r.feeling AS feeling,
       'conference ' || r.outcome AS reason
FROM conference_outcomes r
JOIN scholars s ON s.scholar_id IN (SELECT m.value
                                   FROM jsonb_array_elements_text(r.supporters) AS m (value))
LEFT JOIN scholar_feelings f ON f.scholar_id = s.scholar_id AND f.subject = r.player_id
WHERE r.code = :code
  AND dice('conference:' || r.code, 100) >= r.roll_min AND dice('conference:' || r.code, 100) <= r.roll_max
  AND s.status = 'active'
ORDER BY s.scholar_id;

-- emit: scholar.remembered
SELECT s.scholar_id,
       CASE WHEN r.supporters @> jsonb_build_array(s.scholar_id) THEN 'conference_supported'
            ELSE 'conference_opposed' END AS type,
       r.player_id AS by, jsonb_build_object('code', r.code, 'outcome', r.outcome) AS details
FROM conference_outcomes r
JOIN scholars s ON s.scholar_id IN (SELECT m.value
                                   FROM jsonb_array_elements_text(r.supporters || r.opposition) AS m (value))
WHERE r.code = :code
  AND dice('conference:' || r.code, 100) >= r.roll_min AND dice('conference:' || r.code, 100) <= r.roll_max
  AND s.status = 'active'
ORDER BY s.scholar_id;

-- emit: press.scheduled
SELECT 'conference.resolved:' || r.code AS press_id, 'reputation_shift' AS kind,
       'The conference of ' || r.player_name || ': ' || r.outcome AS headline,
       t.claim || ' After the debate: ' || r.outcome || ' with a total of '
         || (dice('conference:' || r.code, 100) + r.modifier) || '.' AS body,
       COALESCE(:release_at, now()) AS release_at, r.player_id, 'conference.resolved' AS source_type,
       r.code AS source_id
FROM conference_outcomes r JOIN theories t ON t.theory_id = r.theory_id
WHERE r.code = :code
  AND dice('conference:' || r.code, 100) >= r.roll_min AND dice('conference:' || r.code, 100) <= r.roll_max
ORDER BY r.code;

-- emit: order.completed
SELECT order_id FROM orders
WHERE kind = 'conference_resolution' AND subject = :code AND status = 'pending' ORDER BY order_id;
