-- Plans an expedition; funding names the factions whose favour it seeks.
-- check: the game is paused
SELECT NOT paused FROM timeline;

-- check: unknown player :player_id
SELECT EXISTS (SELECT 1 FROM players WHERE player_id = :player_id);

-- check: unknown theory :theory_id
SELECT :theory_id IS NULL OR EXISTS (SELECT 1 FROM theories WHERE theory_id = :theory_id);

-- check: there is an expedition :expedition_id already
SELECT :expedition_id IS NULL OR NOT EXISTS (SELECT 1 FROM expeditions WHERE expedition_id = :expedition_id);

-- check: :team names somebody who is no active scholar
SELECT NOT EXISTS (SELECT 1 FROM jsonb_array_elements_text(COALESCE(:team, '[]'::jsonb)) AS m (scholar_id)
                   WHERE NOT EXISTS (SELECT 1 FROM scholars s
                                     WHERE s.scholar_id = m.scholar_id AND s.status = 'active'));

-- check: :funding names an unknown faction
SELECT NOT EXISTS (SELECT 1 FROM jsonb_array_elements_text(COALESCE(:funding, '[]'::jsonb)) AS f (spelling)
                   WHERE NOT EXISTS (SELECT 1 FROM faction_aliases a WHERE a.alias = lower(f.spelling)));

-- emit: expedition.queued
SELECT COALESCE(:expedition_id, new_uuid('expedition')::text) AS expedition_id, :player_id AS player_id,
       :theory_id AS theory_id, :type AS type, :objective AS objective, :preparation AS preparation,
       :team AS team,
       (SELECT jsonb_agg(x.faction ORDER BY x.faction)
        FROM (SELECT DISTINCT a.faction
              FROM jsonb_array_elements_text(COALESCE(:funding, '[]'::jsonb)) AS f (spelling)
              JOIN faction_aliases a ON a.alias = lower(f.spelling)) x) AS funding,
       :confidence AS confidence;
