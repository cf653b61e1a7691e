-- Releases what is due, the earliest first, and publishes all that is released in one digest, with the
-- strongest
-- feelings of the scholars.
-- check: the game is paused
SELECT NOT paused FROM timeline;

-- check: there is a digest :digest_id already
SELECT :digest_id IS NULL OR NOT EXISTS (SELECT 1 FROM digests WHERE digest_id = :digest_id);

-- emit: press.released
SELECT press_id FROM press_releases WHERE state = 'scheduled' AND release_at <= now()
ORDER BY release_at, press_id;

-- emit: digest.published
WITH items AS (
  SELECT (SELECT count(*) FROM press_releases WHERE state = 'released')
       + (SELECT count(*) FROM press_releases WHERE state = 'scheduled' AND release_at <= now()) AS items
)
SELECT COALESCE(:digest_id, new_uuid('digest')::text) AS digest_id,
       COALESCE(:headline, 'The year ' || t.current_year || ': ' || i.items || ' items') AS headline, i.items,
       (SELECT jsonb_agg(jsonb_build_object('scholar_id', r.scholar_id, 'name', r.name, 'catchphrase',
                                            r.catchphrase,
                                            'subject', r.subject, 'feeling', r.feeling)
                         ORDER BY abs(r.feeling) DESC, r.scholar_id, r.subject)
        FROM (SELECT s.scholar_id, s.name, s.personality ->> 'catchphrase' AS catchphrase, f.subject,
              f.feeling
              FROM scholar_feelings f JOIN scholars s ON s.scholar_id = f.scholar_id
              WHERE s.status = 'active' AND f.feeling <> 0.0
              ORDER BY abs(f.feeling) DESC, f.scholar_id, f.subject LIMIT 5) r) AS reactions
FROM timeline t CROSS JOIN items i;
