-- Asks for a universe as a document. A job makes it; it is kept until it expires, a week if not told.
-- check: no universe :universe_id
SELECT EXISTS (SELECT 1 FROM universes WHERE universe_id = :universe_id);

-- emit: export.requested
SELECT COALESCE(:export_id, new_uuid('export')) AS export_id, u.user_id, u.universe_id, COALESCE(:form, 'json') AS form,
       COALESCE(:expires_at, now() + interval '7 days') AS expires_at
FROM universes u WHERE u.universe_id = :universe_id;
