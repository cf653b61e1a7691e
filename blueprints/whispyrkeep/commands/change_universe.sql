-- Changes what a universe says of itself; what is not given stays.
-- check: no universe :universe_id
SELECT EXISTS (SELECT 1 FROM universes WHERE universe_id = :universe_id);

-- emit: universe.changed
SELECT universe_id, COALESCE(:name, name) AS name, COALESCE(:description, description) AS description,
       COALESCE(:tone_profile, tone_profile) AS tone_profile, COALESCE(:rules_profile, rules_profile) AS rules_profile,
       COALESCE(:is_archived, is_archived) AS is_archived
FROM universes WHERE universe_id = :universe_id;
