INSERT INTO faction_aliases (alias, faction) VALUES
  ('academic', 'Academic'), ('academia', 'Academic'), ('academics', 'Academic'), ('university', 'Academic'),
  ('government', 'Government'), ('state', 'Government'), ('governmental', 'Government'),
  ('industry', 'Industry'), ('industrial', 'Industry'), ('industrialists', 'Industry'),
  ('religious', 'Religious'), ('religion', 'Religious'), ('religious orders', 'Religious'),
  ('church', 'Religious'),
  ('foreign', 'Foreign'), ('foreign powers', 'Foreign'), ('foreign affairs', 'Foreign');

-- The log as anybody reads it. Order is by sequence, never by timestamp. player_id is whom the event is
-- about; who caused it is actor.
CREATE VIEW events AS
SELECT e.sequence, e.id AS event_id, e.time AS timestamp, e.moment AS game_year, e.type AS action_type,
       e.payload::jsonb ->> 'player_id' AS player_id, e.actor, e.payload::jsonb AS data
FROM reeve_events e;

-- The same with the exact changes of rows that each event caused.
CREATE VIEW events_with_consequences AS
SELECT e.sequence, e.id AS event_id, e.time AS timestamp, e.moment AS game_year, e.type AS action_type,
       e.payload::jsonb ->> 'player_id' AS player_id, e.actor, e.payload::jsonb AS data,
       reeve_changes(e.sequence) AS consequences
FROM reeve_events e;

-- Press that waits for its time.
CREATE VIEW press_schedule AS
SELECT p.press_id, p.kind, p.headline, b.body, p.release_at, p.game_year
FROM press_releases p JOIN press_bodies b ON b.body_hash = p.body_hash
WHERE p.state = 'scheduled';

-- Influence with what is held in escrow. room is how much a gain may still add: NULL where no cap is set,
-- 0 where a shrunken cap lies below the balance.
CREATE VIEW influence_standing AS
SELECT i.player_id, i.faction, i.influence, i.soft_cap, COALESCE(h.held, 0) AS held,
       CASE WHEN i.soft_cap IS NULL THEN NULL
            ELSE GREATEST(0, i.soft_cap - i.influence - COALESCE(h.held, 0)) END AS room
FROM player_influence i
LEFT JOIN (SELECT o.player_id, e.faction, sum(e.amount) AS held
           FROM offer_escrow e JOIN offers o ON o.offer_id = e.offer_id
           GROUP BY o.player_id, e.faction) h
  ON h.player_id = i.player_id AND h.faction = i.faction;

-- What is added to an expedition's roll: 10 for a deep preparation, 5 for a standard one, and half of each
-- team member's talent, at most 15 for the team.
CREATE VIEW expedition_modifiers AS
SELECT x.expedition_id,
       CASE x.preparation ->> 'depth' WHEN 'deep' THEN 10 WHEN 'standard' THEN 5 ELSE 0 END
         + LEAST(15, COALESCE((SELECT sum((s.stats ->> 'talent')::integer / 2)
                               FROM jsonb_array_elements_text(x.team) AS m (scholar_id)
                               JOIN scholars s ON s.scholar_id = m.scholar_id), 0)) AS modifier
FROM expeditions x;

-- What each outcome of an expedition would bring. The outcome is the one whose roll_min and roll_max hold the
-- roll; reputation is what the player would then have, delta the change that this really is.
CREATE VIEW expedition_outcomes AS
SELECT x.expedition_id, x.player_id, p.name AS player_name, x.team, x.funding, x.objective, x.confidence,
       m.modifier,
       o.outcome, o.reward, o.feeling,
       CASE WHEN o.from_total IS NULL THEN 1 ELSE o.from_total - m.modifier END AS roll_min,
       CASE WHEN o.below_total IS NULL THEN 100 ELSE o.below_total - m.modifier - 1 END AS roll_max,
       w.reputation AS wager,
       GREATEST(-50, LEAST(50, p.reputation + w.reputation)) AS reputation,
       GREATEST(-50, LEAST(50, p.reputation + w.reputation)) - p.reputation AS delta
FROM expeditions x
JOIN players p ON p.player_id = x.player_id
JOIN expedition_modifiers m ON m.expedition_id = x.expedition_id
JOIN rule_outcomes o ON o.contest = 'expedition'
JOIN rule_wagers w ON w.confidence = x.confidence AND w.result = o.result;

-- The same of a conference: 5 for each supporter, -5 for each opponent.
CREATE VIEW conference_outcomes AS
SELECT c.code, c.player_id, p.name AS player_name, c.theory_id, c.supporters, c.opposition, c.modifier,
       o.outcome,
       o.feeling,
       CASE WHEN o.from_total IS NULL THEN 1 ELSE o.from_total - c.modifier END AS roll_min,
       CASE WHEN o.below_total IS NULL THEN 100 ELSE o.below_total - c.modifier - 1 END AS roll_max,
       w.reputation AS wager,
       GREATEST(-50, LEAST(50, p.reputation + w.reputation)) AS reputation,
       GREATEST(-50, LEAST(50, p.reputation + w.reputation)) - p.reputation AS delta
FROM (SELECT code, player_id, theory_id, confidence, supporters, opposition,
             5 * jsonb_array_length(supporters) - 5 * jsonb_array_length(opposition) AS modifier
      FROM conferences) c
JOIN players p ON p.player_id = c.player_id
JOIN rule_outcomes o ON o.contest = 'conference'
JOIN rule_wagers w ON w.confidence = c.confidence AND w.result = o.result;
