-- Ends a conference: one roll, 5 more for each supporter, 5 less for each opponent. It decides the theory too if
-- that is still open.
-- check: the game is paused
SELECT NOT paused FROM timeline;

-- check: no open conference :code
SELECT EXISTS (SELECT 1 FROM conferences WHERE code = :code AND outcome IS NULL);

-- emit: conference.resolved
WITH result AS (
  SELECT c.code, c.player_id, c.theory_id, c.supporters, c.opposition, d.roll, d.modifier, o.outcome, o.feeling,
         w.reputation AS wager
  FROM conferences c
  JOIN (SELECT code, dice('conference:' || code, 100) AS roll,
               5 * jsonb_array_length(supporters) - 5 * jsonb_array_length(opposition) AS modifier
        FROM conferences WHERE code = :code) d ON d.code = c.code
  JOIN rule_outcomes o ON o.contest = 'conference'
    AND (o.from_total IS NULL OR d.roll + d.modifier >= o.from_total)
    AND (o.below_total IS NULL OR d.roll + d.modifier < o.below_total)
  JOIN rule_wagers w ON w.confidence = c.confidence AND w.result = o.result
  WHERE c.code = :code
)
SELECT r.code, r.player_id, r.roll, r.modifier, r.roll + r.modifier AS total, r.outcome,
       GREATEST(-50, LEAST(50, p.reputation + r.wager)) - p.reputation AS reputation_change
FROM result r JOIN players p ON p.player_id = r.player_id;

-- emit: theory.resolved
WITH result AS (
  SELECT c.code, c.player_id, c.theory_id, c.supporters, c.opposition, d.roll, d.modifier, o.outcome, o.feeling,
         w.reputation AS wager
  FROM conferences c
  JOIN (SELECT code, dice('conference:' || code, 100) AS roll,
               5 * jsonb_array_length(supporters) - 5 * jsonb_array_length(opposition) AS modifier
        FROM conferences WHERE code = :code) d ON d.code = c.code
  JOIN rule_outcomes o ON o.contest = 'conference'
    AND (o.from_total IS NULL OR d.roll + d.modifier >= o.from_total)
    AND (o.below_total IS NULL OR d.roll + d.modifier < o.below_total)
  JOIN rule_wagers w ON w.confidence = c.confidence AND w.result = o.result
  WHERE c.code = :code
)
SELECT t.theory_id, t.player_id,
       CASE r.outcome WHEN 'success' THEN 'proven' WHEN 'partial' THEN 'partial' ELSE 'refuted' END AS outcome,
       CASE WHEN t.player_id = r.player_id
            THEN GREATEST(-50, LEAST(50, p.reputation + r.wager)) - p.reputation ELSE 0 END AS reputation_change,
       r.code AS source
FROM result r JOIN theories t ON t.theory_id = r.theory_id JOIN players p ON p.player_id = r.player_id
WHERE t.outcome IS NULL;

-- emit: reputation.changed
WITH result AS (
  SELECT c.code, c.player_id, c.theory_id, c.supporters, c.opposition, d.roll, d.modifier, o.outcome, o.feeling,
         w.reputation AS wager
  FROM conferences c
  JOIN (SELECT code, dice('conference:' || code, 100) AS roll,
               5 * jsonb_array_length(supporters) - 5 * jsonb_array_length(opposition) AS modifier
        FROM conferences WHERE code = :code) d ON d.code = c.code
  JOIN rule_outcomes o ON o.contest = 'conference'
    AND (o.from_total IS NULL OR d.roll + d.modifier >= o.from_total)
    AND (o.below_total IS NULL OR d.roll + d.modifier < o.below_total)
  JOIN rule_wagers w ON w.confidence = c.confidence AND w.result = o.result
  WHERE c.code = :code
)
SELECT p.player_id, GREATEST(-50, LEAST(50, p.reputation + r.wager)) - p.reputation AS delta, r.wager,
       GREATEST(-50, LEAST(50, p.reputation + r.wager)) AS reputation, 'conference ' || r.outcome AS reason,
       r.code AS source
FROM result r JOIN players p ON p.player_id = r.player_id;

-- emit: scholar.felt
WITH result AS (
  SELECT c.code, c.player_id, c.theory_id, c.supporters, c.opposition, d.roll, d.modifier, o.outcome, o.feeling,
         w.reputation AS wager
  FROM conferences c
  JOIN (SELECT code, dice('conference:' || code, 100) AS roll,
               5 * jsonb_array_length(supporters) - 5 * jsonb_array_length(opposition) AS modifier
        FROM conferences WHERE code = :code) d ON d.code = c.code
  JOIN rule_outcomes o ON o.contest = 'conference'
    AND (o.from_total IS NULL OR d.roll + d.modifier >= o.from_total)
    AND (o.below_total IS NULL OR d.roll + d.modifier < o.below_total)
  JOIN rule_wagers w ON w.confidence = c.confidence AND w.result = o.result
  WHERE c.code = :code
)
SELECT s.scholar_id, r.player_id AS subject, r.feeling AS delta, COALESCE(f.feeling, 0.0) + r.feeling AS feeling,
       'conference ' || r.outcome AS reason
FROM result r JOIN scholars s ON r.supporters @> jsonb_build_array(s.scholar_id)
LEFT JOIN scholar_feelings f ON f.scholar_id = s.scholar_id AND f.subject = r.player_id
WHERE s.status = 'active' ORDER BY s.scholar_id;

-- emit: scholar.remembered
WITH result AS (
  SELECT c.code, c.player_id, c.theory_id, c.supporters, c.opposition, d.roll, d.modifier, o.outcome, o.feeling,
         w.reputation AS wager
  FROM conferences c
  JOIN (SELECT code, dice('conference:' || code, 100) AS roll,
               5 * jsonb_array_length(supporters) - 5 * jsonb_array_length(opposition) AS modifier
        FROM conferences WHERE code = :code) d ON d.code = c.code
  JOIN rule_outcomes o ON o.contest = 'conference'
    AND (o.from_total IS NULL OR d.roll + d.modifier >= o.from_total)
    AND (o.below_total IS NULL OR d.roll + d.modifier < o.below_total)
  JOIN rule_wagers w ON w.confidence = c.confidence AND w.result = o.result
  WHERE c.code = :code
)
SELECT s.scholar_id,
       CASE WHEN r.supporters @> jsonb_build_array(s.scholar_id) THEN 'conference_supported'
            ELSE 'conference_opposed' END AS type,
       r.player_id AS by, jsonb_build_object('code', r.code, 'outcome', r.outcome) AS details
FROM result r JOIN scholars s
  ON r.supporters @> jsonb_build_array(s.scholar_id) OR r.opposition @> jsonb_build_array(s.scholar_id)
WHERE s.status = 'active' ORDER BY s.scholar_id;

-- emit: press.scheduled
WITH result AS (
  SELECT c.code, c.player_id, c.theory_id, c.supporters, c.opposition, d.roll, d.modifier, o.outcome, o.feeling,
         w.reputation AS wager
  FROM conferences c
  JOIN (SELECT code, dice('conference:' || code, 100) AS roll,
               5 * jsonb_array_length(supporters) - 5 * jsonb_array_length(opposition) AS modifier
        FROM conferences WHERE code = :code) d ON d.code = c.code
  JOIN rule_outcomes o ON o.contest = 'conference'
    AND (o.from_total IS NULL OR d.roll + d.modifier >= o.from_total)
    AND (o.below_total IS NULL OR d.roll + d.modifier < o.below_total)
  JOIN rule_wagers w ON w.confidence = c.confidence AND w.result = o.result
  WHERE c.code = :code
)
SELECT 'conference.resolved:' || r.code AS press_id, 'reputation_shift' AS kind,
       'The conference of ' || p.name || ': ' || r.outcome AS headline,
       t.claim || ' After the debate: ' || r.outcome || ' with a total of ' || (r.roll + r.modifier) || '.' AS body,
       COALESCE(:release_at, now()) AS release_at, p.player_id, 'conference.resolved' AS source_type,
       r.code AS source_id
FROM result r JOIN players p ON p.player_id = r.player_id JOIN theories t ON t.theory_id = r.theory_id;

-- emit: order.completed
SELECT order_id FROM orders WHERE kind = 'conference_resolution' AND subject = :code AND status = 'pending'
ORDER BY order_id;
