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
                               FROM scholars s
                               WHERE x.team @> jsonb_build_array(s.scholar_id)), 0)) AS modifier
FROM expeditions x;

-- A scholar as one row, with the memory as one JSON: facts, feelings, scars.
CREATE VIEW scholar_sheets AS
SELECT s.scholar_id, s.name, s.seed, s.personality, s.stats, s.career, s.status, s.patron,
       jsonb_build_object(
         'facts', COALESCE((SELECT jsonb_agg(jsonb_build_object('timestamp', f.time, 'game_year', f.game_year,
                                                                'type', f.type, 'actor', f.actor,
                                                                'details', f.details) ORDER BY f.sequence)
                            FROM scholar_facts f WHERE f.scholar_id = s.scholar_id), '[]'::jsonb),
         'feelings', COALESCE((SELECT jsonb_object_agg(g.subject, g.feeling)
                               FROM scholar_feelings g WHERE g.scholar_id = s.scholar_id), '{}'::jsonb),
         'scars', COALESCE((SELECT jsonb_agg(jsonb_build_object('subject', c.subject, 'tag', c.tag)
                                             ORDER BY c.subject, c.tag)
                            FROM scholar_scars c WHERE c.scholar_id = s.scholar_id), '[]'::jsonb)) AS memory
FROM scholars s;
