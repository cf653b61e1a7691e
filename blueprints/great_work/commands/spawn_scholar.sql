-- Brings a scholar into the game.
-- check: :scholar_id exists already
SELECT NOT EXISTS (SELECT 1 FROM scholars WHERE scholar_id = :scholar_id);

-- emit: scholar.spawned
SELECT :scholar_id AS scholar_id, :name AS name,
       COALESCE(:seed, dice('scholar:' || :scholar_id, 2147483647)) AS seed,
       COALESCE(:personality, '{"archetype": "Scholar", "drives": [], "virtues": [], "vices": [],
                                 "catchphrase": ""}'::jsonb) AS personality,
       COALESCE(:stats, jsonb_build_object('talent', dice('talent:' || :scholar_id, 10),
                                           'reliability', dice('reliability:' || :scholar_id, 10),
                                           'integrity', dice('integrity:' || :scholar_id, 10),
                                           'theatrics', dice('theatrics:' || :scholar_id, 10),
                                           'loyalty', dice('loyalty:' || :scholar_id, 10),
                                           'risk', dice('risk:' || :scholar_id, 10))) AS stats,
       COALESCE(:career, '{"tier": "Postdoc", "track": "Academia", "ticks": 0, "titles": []}'::jsonb)
         AS career,
       :origin AS origin;
