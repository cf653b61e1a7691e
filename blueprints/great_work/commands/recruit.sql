-- Courts a scholar through a faction: 50 percent, 2 more for each influence with the faction, 5 more for each
-- point of feeling, within 5 and 95. Success brings the scholar and 1 influence, failure a grudge that is
-- followed up.
-- check: the game is paused
SELECT NOT paused FROM timeline;

-- check: unknown player :player_id
SELECT EXISTS (SELECT 1 FROM players WHERE player_id = :player_id);

-- check: no active scholar :scholar_id
SELECT EXISTS (SELECT 1 FROM scholars WHERE scholar_id = :scholar_id AND status = 'active');

-- check: unknown faction :faction
SELECT EXISTS (SELECT 1 FROM faction_aliases WHERE alias = lower(:faction));

-- check: :scholar_id follows :player_id already
SELECT patron IS NULL OR patron <> :player_id FROM scholars WHERE scholar_id = :scholar_id;

-- emit: recruitment.attempted
WITH attempt AS (
  SELECT i.player_id, i.faction, i.influence, i.room, dice('recruit:' || :scholar_id, 100) AS roll,
         GREATEST(5, LEAST(95, 50 + 2 * i.influence
           + COALESCE((SELECT floor(f.feeling * 5)::integer FROM scholar_feelings f
                       WHERE f.scholar_id = :scholar_id AND f.subject = :player_id), 0))) AS chance
  FROM influence_standing i JOIN faction_aliases a ON a.faction = i.faction
  WHERE i.player_id = :player_id AND a.alias = lower(:faction)
)
SELECT player_id, :scholar_id AS scholar_id, faction, chance, roll, roll <= chance AS success FROM attempt
ORDER BY player_id;

-- emit: influence.changed
WITH attempt AS (
  SELECT i.player_id, i.faction, i.influence, i.room, dice('recruit:' || :scholar_id, 100) AS roll,
         GREATEST(5, LEAST(95, 50 + 2 * i.influence
           + COALESCE((SELECT floor(f.feeling * 5)::integer FROM scholar_feelings f
                       WHERE f.scholar_id = :scholar_id AND f.subject = :player_id), 0))) AS chance
  FROM influence_standing i JOIN faction_aliases a ON a.faction = i.faction
  WHERE i.player_id = :player_id AND a.alias = lower(:faction)
)
SELECT player_id, faction, LEAST(1, COALESCE(room, 1)) AS delta,
       influence + LEAST(1, COALESCE(room, 1)) AS influence,
       'gain' AS kind, 1 AS requested, 'recruitment' AS reason, :scholar_id AS source
FROM attempt WHERE roll <= chance ORDER BY player_id;

-- emit: scholar.felt
WITH attempt AS (
  SELECT i.player_id, i.faction, i.influence, i.room, dice('recruit:' || :scholar_id, 100) AS roll,
         GREATEST(5, LEAST(95, 50 + 2 * i.influence
           + COALESCE((SELECT floor(f.feeling * 5)::integer FROM scholar_feelings f
                       WHERE f.scholar_id = :scholar_id AND f.subject = :player_id), 0))) AS chance
  FROM influence_standing i JOIN faction_aliases a ON a.faction = i.faction
  WHERE i.player_id = :player_id AND a.alias = lower(:faction)
)
SELECT :scholar_id AS scholar_id, player_id AS subject,
       CASE WHEN roll <= chance THEN 1.0 ELSE -1.0 END AS delta,
       COALESCE((SELECT f.feeling FROM scholar_feelings f
                 WHERE f.scholar_id = :scholar_id AND f.subject = :player_id), 0.0)
         + CASE WHEN roll <= chance THEN 1.0 ELSE -1.0 END AS feeling,
       'recruitment' AS reason
FROM attempt ORDER BY player_id;

-- emit: scholar.remembered
WITH attempt AS (
  SELECT i.player_id, i.faction, i.influence, i.room, dice('recruit:' || :scholar_id, 100) AS roll,
         GREATEST(5, LEAST(95, 50 + 2 * i.influence
           + COALESCE((SELECT floor(f.feeling * 5)::integer FROM scholar_feelings f
                       WHERE f.scholar_id = :scholar_id AND f.subject = :player_id), 0))) AS chance
  FROM influence_standing i JOIN faction_aliases a ON a.faction = i.faction
  WHERE i.player_id = :player_id AND a.alias = lower(:faction)
)
SELECT :scholar_id AS scholar_id, 'recruitment' AS type, player_id AS by,
       jsonb_build_object('faction', faction, 'success', roll <= chance) AS details
FROM attempt ORDER BY player_id;

-- emit: press.scheduled
WITH attempt AS (
  SELECT i.player_id, i.faction, i.influence, i.room, dice('recruit:' || :scholar_id, 100) AS roll,
         GREATEST(5, LEAST(95, 50 + 2 * i.influence
           + COALESCE((SELECT floor(f.feeling * 5)::integer FROM scholar_feelings f
                       WHERE f.scholar_id = :scholar_id AND f.subject = :player_id), 0))) AS chance
  FROM influence_standing i JOIN faction_aliases a ON a.faction = i.faction
  WHERE i.player_id = :player_id AND a.alias = lower(:faction)
)
SELECT new_uuid('press:recruitment')::text AS press_id, 'recruitment_report' AS kind,
       p.name || CASE WHEN roll <= chance THEN ' wins over ' ELSE ' fails to win ' END || s.name AS headline,
       p.name || ' courted ' || s.name || ' through ' || faction || ' at a chance of ' || chance
         || ' percent.' AS body,
       COALESCE(:release_at, now()) AS release_at, p.player_id, 'recruitment.attempted' AS source_type,
       s.scholar_id AS source_id
FROM attempt JOIN players p ON p.player_id = attempt.player_id CROSS JOIN scholars s
WHERE s.scholar_id = :scholar_id ORDER BY p.player_id;

-- emit: order.opened
WITH attempt AS (
  SELECT i.player_id, i.faction, i.influence, i.room, dice('recruit:' || :scholar_id, 100) AS roll,
         GREATEST(5, LEAST(95, 50 + 2 * i.influence
           + COALESCE((SELECT floor(f.feeling * 5)::integer FROM scholar_feelings f
                       WHERE f.scholar_id = :scholar_id AND f.subject = :player_id), 0))) AS chance
  FROM influence_standing i JOIN faction_aliases a ON a.faction = i.faction
  WHERE i.player_id = :player_id AND a.alias = lower(:faction)
)
SELECT 'grudge:' || new_uuid('order:grudge') AS order_id, 'followup:recruitment_grudge' AS kind,
       :scholar_id AS subject, player_id, jsonb_build_object('faction', faction) AS details,
       COALESCE(:due_at, now()) AS due_at
FROM attempt WHERE roll > chance ORDER BY player_id;
