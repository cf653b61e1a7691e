-- Decides a theory and pays its wager; an expired one costs nothing.
-- check: the game is paused
SELECT NOT paused FROM timeline;

-- check: no open theory :theory_id
SELECT EXISTS (SELECT 1 FROM theories WHERE theory_id = :theory_id AND outcome IS NULL);

-- emit: theory.resolved
SELECT t.theory_id, t.player_id, :outcome AS outcome,
       GREATEST(-50, LEAST(50, p.reputation + COALESCE(w.reputation, 0))) - p.reputation AS reputation_change
FROM theories t JOIN players p ON p.player_id = t.player_id
LEFT JOIN rule_wagers w ON w.confidence = t.confidence
  AND w.result = CASE :outcome WHEN 'proven' THEN 'won' WHEN 'partial' THEN 'partial'
                                 WHEN 'refuted' THEN 'lost' END
WHERE t.theory_id = :theory_id;

-- emit: reputation.changed
SELECT p.player_id, GREATEST(-50, LEAST(50, p.reputation + w.reputation)) - p.reputation AS delta,
       w.reputation AS wager, GREATEST(-50, LEAST(50, p.reputation + w.reputation)) AS reputation,
       'theory ' || :outcome AS reason, t.theory_id AS source
FROM theories t JOIN players p ON p.player_id = t.player_id
JOIN rule_wagers w ON w.confidence = t.confidence
  AND w.result = CASE :outcome WHEN 'proven' THEN 'won' WHEN 'partial' THEN 'partial'
                                 WHEN 'refuted' THEN 'lost' END
WHERE t.theory_id = :theory_id;

-- emit: scholar.felt
SELECT m.scholar_id, t.player_id AS subject, CASE WHEN :outcome = 'refuted' THEN -1.0 ELSE 1.0 END AS delta,
       COALESCE(f.feeling, 0.0) + CASE WHEN :outcome = 'refuted' THEN -1.0 ELSE 1.0 END AS feeling,
       'theory ' || :outcome AS reason
FROM theories t CROSS JOIN jsonb_array_elements_text(t.supporters) AS m (scholar_id)
JOIN scholars s ON s.scholar_id = m.scholar_id AND s.status = 'active'
LEFT JOIN scholar_feelings f ON f.scholar_id = m.scholar_id AND f.subject = t.player_id
WHERE t.theory_id = :theory_id AND :outcome <> 'expired' ORDER BY m.scholar_id;

-- emit: press.scheduled
SELECT 'theory.resolved:' || t.theory_id AS press_id, 'reputation_shift' AS kind,
       'A theory of ' || p.name || ' is ' || :outcome AS headline,
       t.claim || ' This is now ' || :outcome || '.' AS body,
       COALESCE(:release_at, now()) AS release_at, p.player_id AS player_id,
       'theory.resolved' AS source_type, t.theory_id AS source_id
FROM theories t JOIN players p ON p.player_id = t.player_id WHERE t.theory_id = :theory_id;
